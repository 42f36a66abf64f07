package http2

import (
	"sync"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// Stream is what both sides of a stream share. The connection's lock guards it
// but for what is said otherwise.
type Stream struct {
	c       *conn
	request *ClientStream // whose Stream this is, nil on a server's side
	id      uint32
	cond    sync.Cond // whoever reads the body or writes waits here
	how     ending    // unknown while the stream is open
	err     error     // why it is of no use any more
	// cause is what the owner is told where the peer is told a code alone.
	cause error

	// Receiving.
	buf         *[]byte // bytes of the body that nobody has taken
	w           int
	lent        *[]byte // what the reader was given last
	lentN       int
	rest        []byte // of what a tunnel's reader was given
	recvWindow  int    // what the peer may send
	credit      int    // bytes taken, of which the peer does not know
	expected    int64  // declared length of the body, -1 without one
	received    int64
	recvEnd     bool // END_STREAM came
	told        bool // and the reader knows
	unwanted    bool // nobody will read the body
	interrupted bool
	readSince   int64 // since when the reader waits, 0 while it does not
	readLate    bool
	trailers    stream.Headers

	// Sending.
	sendWindow int64
	sendEnd    bool // END_STREAM is on its way
	known      bool // the body's length was said
	left       int64
	writeSince int64
	writeLate  bool

	// What may be waited, nanoseconds, 0 for ever.
	readWait, writeWait int64

	telling  sync.Mutex
	gone     func() // under telling
	turn     uint64 // counts the uses of this Stream; under telling and the connection's lock
	mustTell bool
}

// begin makes s the stream id of c. The lock is held.
func (s *Stream) begin(c *conn, id uint32) {
	s.c, s.id, s.cond.L = c, id, &c.mu
	s.expected = -1
	s.recvWindow = c.opt.Window
	s.sendWindow = c.peer.window
	s.readWait, s.writeWait = int64(c.opt.BodyIdle), int64(c.opt.WriteIdle)
	c.streams[id] = s
	if c.err != nil { // the reader does not know yet
		s.end(c.err)
	}
	c.empty = 0
}

// over ends the use of s: what its peer sent in vain is credited. The lock is
// held. Nobody may use s afterwards until the next begin.
func (s *Stream) over() {
	c := s.c
	s.discard()
	s.takeBack()
	s.shut(weReset)
	c.closed.note(s.id, s.how)
	c.shut--
	delete(c.streams, s.id)
	if len(c.streams) == 0 {
		c.empty = c.now()
		if c.leaving == left {
			c.t.Interrupt()
		}
	}
	s.clear()
}

// clear makes s ready for another use.
func (s *Stream) clear() {
	s.telling.Lock()
	s.gone = nil
	s.turn++
	s.telling.Unlock()
	s.mustTell, s.how, s.err, s.cause = false, unknown, nil, nil
	s.told = false
	s.credit, s.received, s.recvEnd, s.unwanted, s.interrupted = 0, 0, false, false, false
	s.readSince, s.readLate, s.writeSince, s.writeLate = 0, false, 0, false
	s.sendEnd, s.known, s.left = false, false, 0
	s.trailers.Reset()
}

// shut notes that the stream is closed for its peer. The lock is held.
func (s *Stream) shut(how ending) {
	if s.how == unknown {
		s.how = how
		s.c.shut++
	}
}

// end lets whoever waits on the stream give up. The lock is held.
func (s *Stream) end(err error) {
	if s.err == nil {
		s.err = err
		s.mustTell, s.c.untold = true, true
	}
	s.cond.Broadcast()
}

// tell calls back the owner of a stream that has ended, unless the stream has
// become another one meanwhile.
func (s *Stream) tell(turn uint64) {
	s.telling.Lock()
	defer s.telling.Unlock()
	if f := s.gone; s.turn == turn && f != nil {
		s.gone = nil
		f()
	}
}

// OnGone lets f be called, once, when the peer has reset the stream or its connection
// has ended: at once if that was before. f must not wait, nor end the stream. Once
// OnGone(nil) has returned, nobody is called any more.
func (s *Stream) OnGone(f func()) {
	s.telling.Lock()
	s.gone = f
	s.telling.Unlock()
	s.c.mu.Lock()
	gone, turn := s.err != nil, s.turn
	s.c.mu.Unlock()
	if gone {
		s.tell(turn)
	}
}

// bothEnded notes that both sides have said their last. The lock is held.
func (s *Stream) bothEnded() {
	if s.sendEnd && s.recvEnd {
		s.shut(ended)
	}
}

// ID is the stream's number.
func (s *Stream) ID() uint32 { return s.id }

// Transport is the connection below, which other streams share.
func (s *Stream) Transport() http1.Transport { return s.c.t }

// Interrupt ends a read that waits, or else the next one that would, with
// sock.ErrInterrupted.
func (s *Stream) Interrupt() {
	s.c.mu.Lock()
	s.interrupted = true
	s.cond.Broadcast()
	s.c.mu.Unlock()
}

// wait waits for something to happen to the stream, noting in since from when
// on, or fails if it has been too long already. The lock is held.
func (s *Stream) wait(since *int64, late *bool) error {
	if *late {
		*since, *late = 0, false
		return sock.ErrTimeout
	}
	if *since == 0 {
		*since = s.c.now()
	}
	s.cond.Wait()
	return nil
}

// look finds waits that have been too long. The lock is held.
func (s *Stream) look(now int64) {
	if s.readSince != 0 && s.readWait > 0 && now-s.readSince >= s.readWait {
		s.readLate = true
		s.cond.Broadcast()
	}
	if s.writeSince != 0 && s.writeWait > 0 && now-s.writeSince >= s.writeWait {
		s.writeLate = true
		s.cond.Broadcast()
	}
}

// waits sets a bound of waiting, 0 for none.
func (s *Stream) waits(bound, since *int64, d time.Duration) {
	s.c.mu.Lock()
	*bound = int64(d)
	if *since != 0 {
		*since = s.c.now()
	}
	s.c.mu.Unlock()
}
