package http2

import (
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// conn is what both sides of a connection share. Its lock guards all that
// streams and the reader both use; it is never held while a network is waited
// for. What stands above the lock is the reader's alone.
type conn struct {
	t    http1.Transport
	opt  Options
	role role
	now  func() int64

	in       input
	framer   *http2.Framer
	decoder  *hpack.Decoder
	block    block
	period   time.Duration
	ticked   int64         // when streams were last looked after
	began    int64         // when the frame or head under way began or went on, 0 for none
	patience time.Duration // with it, 0 for ever
	heard    int64         // when bytes came last
	spoke    int64         // when DATA or HEADERS came last
	idleRead time.Duration // how long the reader may wait without streams, 0 for as long as Idle says
	greeted  bool          // the peer's first SETTINGS came

	mu      sync.Mutex
	out     output
	streams map[uint32]*Stream
	closed  memory
	spent   budget
	err     error // why the connection is of no use any more

	sendWindow int64 // what we may send, over all streams
	credit     int   // bytes of bodies taken, of which the peer does not know
	recvWindow int   // what the peer may send, over all streams

	peer     peerSettings
	asked    int64  // when our SETTINGS went out, 0 once they were acknowledged
	last     uint32 // highest stream that the peer opened and we took
	seen     uint32 // highest stream that the peer opened
	empty    int64  // since when there is no stream, 0 while there is one
	untold   bool   // an owner is to be told of a stream's end
	shut     int    // streams in the map that their peer knows to be closed
	encoded  bool   // a header block went out
	leaving  leaving
	leftAt   int64 // when leaving began
	peerGone bool  // the peer sent GOAWAY
}

// role is what the two sides do differently. The reader calls it, without the
// connection's lock unless it is said otherwise.
type role interface {
	// open decides about a HEADERS frame for a stream that is not there, and
	// says whether its fields are wanted. It holds the lock.
	open(id uint32, end bool) (wanted bool, err error)
	// idle says whether id was never opened by either side. It holds the lock.
	idle(id uint32) bool
	// head takes the fields that open wanted, or those of a stream's further
	// head that is not its trailers.
	head(b *block) error
	// interim says whether a head of s may be followed by another one that is
	// not its trailers: responses. It holds the lock.
	interim(s *Stream) bool
	// goAway is told of the peer's GOAWAY. It holds the lock.
	goAway(last uint32, code http2.ErrCode)
	// startReady starts what waits for the reader to wait.
	startReady()
	// tend looks after what the side keeps for the next streams, once a period;
	// tends says whether there is any.
	tend()
	tends() bool
	// broken is what the reader of a body is told when the stream has ended with err.
	broken(err error) error
	// settled is told that the peer's SETTINGS are in place. It holds the lock.
	settled()
	// wasReset is what a stream ended by that the peer reset. It holds the lock.
	wasReset(s *Stream, code http2.ErrCode) error
	// look is called once a period, now in coarse time. It holds the lock.
	look(now int64) error
}

// peerSettings are the settings of the peer that bind us (RFC 9113, section 6.5.2).
type peerSettings struct {
	window   int64
	frame    int
	streams  uint32
	headList uint32
	connect  bool // SETTINGS_ENABLE_CONNECT_PROTOCOL
}

func (c *conn) init(t http1.Transport, o *Options, r role) {
	c.t, c.role, c.opt = t, r, o.complete()
	c.now, c.period = c.opt.Now, c.opt.period()
	c.in.c = c
	c.framer = http2.NewFramer(nil, &c.in)
	c.framer.SetMaxReadFrameSize(maxFrame)
	c.decoder = hpack.NewDecoder(headerTable, c.field)
	c.decoder.SetMaxStringLength(c.maxBlock())
	c.out.still.L = &c.mu
	c.streams = make(map[uint32]*Stream)
	c.sendWindow = firstWindow
	c.recvWindow = c.opt.ConnWindow
	c.peer = peerSettings{window: firstWindow, frame: maxFrame, streams: unlimited, headList: unlimited}
	now := c.now()
	c.ticked, c.began, c.empty = now, now, now
	c.patience = c.opt.Head
	c.spent.init(c.opt.Streams, now)
}

const (
	maxFrame    = 16 << 10 // of a frame's payload, bytes: the least that all must take
	firstWindow = 64<<10 - 1
	headerTable = 4 << 10
	unlimited   = 1<<32 - 1
)

// greet appends our SETTINGS, and the connection's window. The lock is held.
func (c *conn) greet(settings ...http2.Setting) {
	settings = append(settings,
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(c.opt.Window)},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: uint32(c.opt.Limits.Bytes)})
	c.appendSettings(settings)
	c.appendUpdate(0, c.opt.ConnWindow-firstWindow)
	c.asked = c.now()
}

// fail ends the connection for all its streams. The lock is held; the reader
// wakes and finds out.
func (c *conn) fail(err error) {
	if c.err != nil {
		return
	}
	c.err = err
	for _, s := range c.streams {
		s.end(err)
	}
	c.t.Interrupt()
}

// finish is the reader's last act: it tells the peer why, lets it read that,
// and closes. It answers what the connection ended by.
func (c *conn) finish(err error) error {
	c.mu.Lock()
	c.fail(err)
	e, polite := c.err.(*Error)
	if polite && (e.Code != http2.ErrCodeNo || c.leaving != left) {
		c.appendGoAway(c.last, e.Code)
	}
	c.settle()
	polite = polite && c.out.broken == nil
	c.mu.Unlock()
	c.notify()
	if polite {
		c.linger()
	}
	_ = c.t.Close()
	c.in.drop()
	return c.err
}

// What a connection that we end is read on for, so that the kernel does not
// destroy our last words with a reset.
const (
	lingerBytes = 256 << 10
	lingerTime  = time.Second
)

func (c *conn) linger() {
	if c.t.CloseWrite() != nil {
		return
	}
	c.in.drop()
	c.t.ArmRead(lingerTime)
	pool := http1.Buffers(maxFrame)
	b := pool.Get()
	for left := lingerBytes; left > 0; {
		n, err := c.t.Read(*b)
		if err != nil && err != sock.ErrInterrupted {
			break
		}
		left -= n
	}
	pool.Put(b)
}

// notify calls back the owners of streams that have ended, without the lock.
func (c *conn) notify() {
	for {
		var told *Stream
		var turn uint64
		c.mu.Lock()
		if c.untold {
			told, turn = c.nextTold()
		}
		c.mu.Unlock()
		if told == nil {
			return
		}
		told.tell(turn)
	}
}

func (c *conn) nextTold() (*Stream, uint64) {
	for _, s := range c.streams {
		if s.mustTell {
			s.mustTell = false
			return s, s.turn
		}
	}
	c.untold = false
	return nil, 0
}
