package pool_test

import (
	"bufio"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// origin answers every request on every connection, and knows its connections.
type origin struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func serve(t testing.TB) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{Listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			o.mu.Lock()
			o.conns = append(o.conns, c)
			o.mu.Unlock()
			go func() {
				r := bufio.NewReader(c)
				for {
					if _, err := http.ReadRequest(r); err != nil {
						_ = c.Close()
						return
					}
					_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
				}
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); o.hangUp() })
	return o
}

// hangUp closes all connections from the endpoint's side.
func (o *origin) hangUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.conns {
		_ = c.Close()
	}
}

// fresh makes a pool to o.
func fresh(t testing.TB, o *origin, opt pool.Options) (*pool.Pool, *sock.Reaper) {
	t.Helper()
	return freshAt(t, o.Addr().String(), opt)
}

func freshAt(t testing.TB, addr string, opt pool.Options) (*pool.Pool, *sock.Reaper) {
	t.Helper()
	r := sock.NewReaper(time.Millisecond)
	t.Cleanup(r.Close)
	opt.Reaper = r
	opt.ConnectTimeout = 10 * time.Second
	opt.Client = http1.ClientOptions{Head: 16 << 10, HeadCount: 100, Window: 8 << 10, BodyIdle: time.Minute, WriteIdle: time.Minute}
	if opt.IdleTimeout == 0 {
		opt.IdleTimeout = time.Hour
	}
	if opt.PendingWait == 0 {
		opt.PendingWait = time.Minute
	}
	p := pool.New(addr, &opt)
	t.Cleanup(p.Close)
	return p, r
}

func get(t testing.TB, p *pool.Pool, fresh bool) *pool.Conn {
	t.Helper()
	c, err := p.Get(fresh)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// use carries one exchange over c.
func use(t testing.TB, c *pool.Conn) {
	t.Helper()
	h := &stream.RequestHead{Method: []byte("GET"), Authority: []byte("a"), Path: []byte("/")}
	var head stream.ResponseHead
	err := c.Send(h, &http1.RequestFraming{Length: http1.NoBody}, nil, true, nil, time.Minute)
	if err == nil {
		err = c.ReadHead(&head, h.Method, time.Minute)
	}
	if err != nil {
		t.Error(err)
	}
}

// passes waits until the pool's clock has moved on by d.
func passes(r *sock.Reaper, d time.Duration) {
	for until := r.Now() + int64(d); r.Now() <= until; {
		runtime.Gosched()
	}
}

// eventually waits until a condition holds.
func eventually(cond func() bool) {
	for !cond() {
		runtime.Gosched()
	}
}

func stats(t testing.TB, p *pool.Pool, open, idle, pending int) {
	t.Helper()
	if s := p.Stats(); s.Open != open || s.Idle != idle || s.Pending != pending {
		t.Errorf("open %d, idle %d, pending %d, want %d, %d, %d", s.Open, s.Idle, s.Pending, open, idle, pending)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 2, Pending: 1})
	if p.Idle() != nil {
		t.Fatal("an empty pool has an idle connection")
	}
	a := get(t, p, false)
	use(t, a)
	p.Put(a)
	stats(t, p, 1, 1, 0)
	b := get(t, p, false)
	if a != b {
		t.Error("a new connection was opened beside an idle one")
	}
	c := get(t, p, true)
	if c == b {
		t.Error("one that was not new was given")
	}
	stats(t, p, 2, 0, 0)
	if s := p.Stats(); s.Opened != 2 || s.Reused != 1 || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
	use(t, b)
	use(t, c)
	p.Put(b)
	p.Put(c)
	if got := p.Idle(); got != c {
		t.Error("not the last used is taken first")
	}
}

func TestConnectionThatCannotCarryAnotherIsClosed(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 1})
	c := get(t, p, false)
	p.Put(c) // nothing was asked over it
	stats(t, p, 0, 0, 0)
}

func TestFreshConnectionTakesAnIdleOnesPlace(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 1})
	a := get(t, p, false)
	use(t, a)
	p.Put(a)
	b := get(t, p, true)
	if a == b {
		t.Error("not a new one")
	}
	stats(t, p, 1, 0, 0)
	use(t, b)
}

func TestWaitersAreServedInTheirOrder(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 3})
	c := get(t, p, false)
	served := make(chan int)
	for i := range 3 {
		go func() {
			c, err := p.Get(i%2 == 1)
			if err != nil {
				t.Error(err)
			}
			served <- i
			use(t, c)
			p.Put(c)
		}()
		eventually(func() bool { return p.Stats().Pending == i+1 })
	}
	if _, err := p.Get(false); fault.KindOf(err) != fault.PoolFull {
		t.Errorf("one more than may wait: %v", err)
	}
	use(t, c)
	p.Put(c)
	for want := range 3 {
		if got := <-served; got != want {
			t.Errorf("served %d, want %d", got, want)
		}
	}
	eventually(func() bool { return p.Stats().Idle == 1 })
	stats(t, p, 1, 1, 0)
}

func TestRoomOfALostConnectionGoesToAWaiter(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 1})
	a := get(t, p, false)
	got := make(chan *pool.Conn)
	go func() { got <- get(t, p, false) }()
	eventually(func() bool { return p.Stats().Pending == 1 })
	p.Discard(a)
	b := <-got
	use(t, b)
	stats(t, p, 1, 0, 0)
	p.Put(b)
}

func TestWaitingHasAnEnd(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 1, PendingWait: time.Millisecond})
	c := get(t, p, false)
	if _, err := p.Get(false); fault.KindOf(err) != fault.PoolFull {
		t.Errorf("%v, want pool_full", err)
	}
	stats(t, p, 1, 0, 0)
	if s := p.Stats(); s.Failed != 1 {
		t.Errorf("failed %d, want 1", s.Failed)
	}
	p.Discard(c)
}

func TestIdleConnectionsAge(t *testing.T) {
	p, r := fresh(t, serve(t), pool.Options{Connections: 2, Pending: 1, IdleTimeout: 20 * time.Millisecond})
	for _, look := range []func(){p.Sweep, func() {
		if p.Idle() != nil {
			t.Error("one that lay idle too long was given")
		}
	}} {
		c := get(t, p, false)
		use(t, c)
		p.Put(c)
		passes(r, 30*time.Millisecond)
		look()
		stats(t, p, 0, 0, 0)
	}
}

func TestConnectionsHaveAnAge(t *testing.T) {
	p, r := fresh(t, serve(t), pool.Options{Connections: 2, Pending: 1, MaxAge: 20 * time.Millisecond})
	c := get(t, p, false)
	use(t, c)
	passes(r, 30*time.Millisecond)
	p.Put(c)
	stats(t, p, 0, 0, 0)
}

// Sweep finds connections that the endpoint has closed, or sent unasked bytes on.
func TestSweepFindsTheDead(t *testing.T) {
	o := serve(t)
	p, _ := fresh(t, o, pool.Options{Connections: 2, Pending: 1})
	a, b := get(t, p, false), get(t, p, true)
	use(t, a)
	use(t, b)
	p.Put(a)
	p.Put(b)
	p.Sweep()
	stats(t, p, 2, 2, 0)
	o.mu.Lock()
	_ = o.conns[0].Close()
	_, _ = o.conns[1].Write([]byte("HTTP/1.1 408 Late\r\n\r\n"))
	o.mu.Unlock()
	eventually(func() bool { p.Sweep(); return p.Stats().Open == 0 })
	stats(t, p, 0, 0, 0)
}

func TestCloseWhileInUse(t *testing.T) {
	p, _ := fresh(t, serve(t), pool.Options{Connections: 2, Pending: 2})
	a, b := get(t, p, false), get(t, p, true)
	use(t, a)
	use(t, b)
	p.Put(a)
	got := make(chan *pool.Conn)
	p.Close()
	stats(t, p, 1, 0, 0)
	c := get(t, p, false)
	go func() { got <- get(t, p, false) }() // its stream is still under way
	eventually(func() bool { return p.Stats().Pending == 1 })
	p.Put(b)
	if d := <-got; d != b {
		t.Error("who waited is not served by what came back")
	}
	p.Discard(b)
	use(t, c)
	p.Put(c)
	stats(t, p, 0, 0, 0)
}

func TestFaultsOfConnecting(t *testing.T) {
	p, _ := freshAt(t, coretest.Refusing(t), pool.Options{Connections: 1, Pending: 1})
	for range 3 {
		if _, err := p.Get(false); fault.KindOf(err) != fault.Connect {
			t.Errorf("%v, want connect", err)
		}
	}
	stats(t, p, 0, 0, 0)
	if s := p.Stats(); s.Failed != 3 || s.Opened != 0 {
		t.Errorf("%+v", s)
	}
}

// However a pool is used, its numbers add up, its bounds hold, and nobody who
// waits is forgotten.
func TestPoolHammer(t *testing.T) {
	o := serve(t)
	const bound = 3
	p, _ := fresh(t, o, pool.Options{Connections: bound, Pending: 100})
	var wg, sweeps sync.WaitGroup
	over := make(chan struct{})
	sweeps.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
				p.Sweep()
				if s := p.Stats(); s.Open < 0 || s.Open > bound || s.Idle > s.Open {
					t.Errorf("%+v", s)
				}
				runtime.Gosched()
			}
		}
	})
	for i := range 8 {
		wg.Go(func() {
			for j := range 40 {
				c, err := p.Get((i+j)%5 == 0)
				if err != nil {
					t.Error(err)
					return
				}
				use(t, c)
				if (i+j)%7 == 0 {
					p.Discard(c)
				} else {
					p.Put(c)
				}
			}
		})
	}
	wg.Wait()
	close(over)
	sweeps.Wait()
	p.Close()
	stats(t, p, 0, 0, 0)
}
