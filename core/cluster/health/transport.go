package health

import (
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// transport carries checks that are HTTP requests, over a connection that is
// kept from one to the next.
type transport struct {
	*Check
	addr    string
	options pool.Options
	pool    *pool.Pool
	conn    atomic.Pointer[pool.Conn]
	stopped atomic.Bool

	request  stream.RequestHead
	response stream.ResponseHead
	body     []byte
}

// Bounds of an answer, in bytes. An endpoint that says more is judged by what
// it said up to there.
const (
	maxHead = 16 << 10
	maxBody = 16 << 10
)

// maxInterims bounds the 1xx responses to one check.
const maxInterims = 8

func newTransport(addr string, c *Check, o pool.Options) *transport {
	o.Connections, o.Pending = 1, 0
	o.ConnectTimeout = c.Timeout
	o.IdleTimeout = 2*c.Interval + c.Timeout
	o.Connected = nil
	o.Client.Head = min(o.Client.Head, maxHead)
	o.Client.Window = min(o.Client.Window, maxBody)
	o.Client.WriteIdle = c.Timeout
	t := &transport{Check: c, addr: addr, options: o}
	t.pool = pool.New(addr, &t.options)
	h := &t.request
	h.Method, h.Path, h.Scheme, h.Version = []byte("GET"), []byte(c.Path), []byte("http"), stream.HTTP11
	if o.TLS != nil {
		h.Scheme = []byte("https") // there is no client whose scheme it could be
	}
	h.Authority = []byte(c.Host)
	if c.Host == "" {
		h.Authority = []byte(addr)
	}
	h.Headers.AddString("user-agent", "weir-health")
	return t
}

func (t *transport) interrupt() {
	t.stopped.Store(true)
	if c := t.conn.Load(); c != nil {
		c.Interrupt()
	}
}

func (t *transport) close() { t.pool.Close() }

// exchange sends the request with a body, nil for none, reads the answer, whole
// or up to its bound, by then, and has it judged while it is there.
func (t *transport) exchange(body []byte, by time.Time, judge func(trailers *stream.Headers) error) error {
	for try := 0; ; try++ {
		c, err := t.pool.Get(try > 0)
		if err != nil {
			t.renew()
			return err
		}
		t.conn.Store(c)
		err = t.on(c, body, by)
		t.conn.Store(nil)
		if err == nil {
			err = judge(c.Trailers())
			t.pool.Put(c) // which closes it where the answer was not read to its end
			return err
		}
		t.pool.Discard(c)
		if fault.KindOf(err) != fault.StaleConn || try > 0 { // a connection that ended while it lay idle says nothing
			t.renew()
			return err
		}
	}
}

// renew lets the next check begin with a new connection: that a service hangs on
// the one it had must not be held against it for ever.
func (t *transport) renew() {
	t.pool.Close()
	t.pool = pool.New(t.addr, &t.options)
}

// on is one exchange on a connection.
func (t *transport) on(c *pool.Conn, body []byte, by time.Time) error {
	f := http1.RequestFraming{Length: int64(len(body))}
	if body == nil {
		f.Length = http1.NoBody
	}
	if err := t.undisturbed(func() error { return c.Send(&t.request, &f, body, true, nil, left(by)) }); err != nil {
		return err
	}
	for interims := 0; ; interims++ {
		if interims > maxInterims {
			return errInterims
		}
		t.response.Reset()
		if err := t.undisturbed(func() error { return c.ReadHead(&t.response, t.request.Method, left(by)) }); err != nil {
			return err
		}
		if t.response.Status >= 200 {
			break
		}
	}
	t.body = t.body[:0]
	for end := c.Done(); !end && len(t.body) < maxBody; {
		var chunk []byte
		if err := t.undisturbed(func() (err error) {
			chunk, end, err = c.ReadBody(left(by))
			return err
		}); err != nil {
			return err
		}
		t.body = append(t.body, chunk...)
	}
	return nil
}

var (
	errInterims = fault.New(fault.UpstreamProtocol, "checking health: more interim responses than the limit", nil)
	errStopped  = fault.New(fault.ClientGone, "checking health: stopped", nil)
)

// undisturbed does again what an interruption meant for another ended early.
func (t *transport) undisturbed(do func() error) error {
	for {
		if t.stopped.Load() {
			return errStopped
		}
		if err := do(); err != sock.ErrInterrupted {
			return err
		}
	}
}

// left is the time that a check still has.
func left(by time.Time) time.Duration { return max(time.Until(by), time.Millisecond) }
