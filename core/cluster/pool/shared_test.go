package pool_test

import (
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
)

// However many come at once to an endpoint that nobody is connected to, there is
// one connection.
func TestOneConnectionForAllWhoWait(t *testing.T) {
	o := serve2(t, 250)
	p, _ := fresh2(t, o.addr, pool.Options{Connections: 10, Pending: 100})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			c := get(t, p, false)
			if err := send(t, c, "/wait"); err != nil {
				t.Error(err)
			}
			if err := finish(t, c); err != nil {
				t.Error(err)
			}
			p.Put(c)
		})
	}
	eventually(func() bool { return p.Stats().Streams == 50 })
	counts(t, p, 1, 0, 50)
	close(o.goOn)
	all.Wait()
	counts(t, p, 1, 1, 0)
	if n := o.opened.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A connection carries no more than both sides allow; the next request opens
// another, and where there is no room for that it waits.
func TestStreamsAreBounded(t *testing.T) {
	for name, o := range map[string]*origin2{"ours": serve2(t, 250), "theirs": serve2(t, 2)} {
		ours := map[string]int{"ours": 2, "theirs": 100}[name]
		p, _ := fresh2(t, o.addr, pool.Options{Connections: 2, Pending: 1, HTTP2: http2.ClientOptions{Options: http2.Options{Streams: ours}}})
		var held []*pool.Conn
		for range 4 {
			held = append(held, get(t, p, false))
		}
		counts(t, p, 2, 0, 4)
		got := make(chan *pool.Conn)
		go func() { got <- get(t, p, false) }()
		eventually(func() bool { return p.Stats().Pending == 1 })
		if _, err := p.Get(false); fault.KindOf(err) != fault.PoolFull {
			t.Errorf("%s: one more than may wait: %v", name, err)
		}
		p.Put(held[0])
		held[0] = <-got
		for _, c := range held {
			if err := send(t, c, "/"); err != nil {
				t.Error(err)
			}
			if err := finish(t, c); err != nil {
				t.Error(err)
			}
			p.Put(c)
		}
		counts(t, p, 2, 2, 0)
	}
}

// The least loaded connection is joined.
func TestLeastLoadedIsJoined(t *testing.T) {
	p, _ := fresh2(t, serve2(t, 4).addr, pool.Options{Connections: 2, Pending: 1})
	var held []*pool.Conn
	for range 5 {
		held = append(held, get(t, p, false))
	}
	full, other := held[0].Local, held[4].Local
	for i, want := range []netip.AddrPort{other, other, other} { // 4 and 1, until both have 4
		c := get(t, p, false)
		if c.Local != want || want == full {
			t.Errorf("request %d went to the other connection", i)
		}
		held = append(held, c)
	}
	for _, c := range held[:4] {
		p.Put(c) // all of the first's
	}
	for range 4 {
		if c := get(t, p, false); c.Local != full {
			t.Error("the full connection was chosen")
		} else {
			defer p.Put(c)
		}
	}
	for _, c := range held[4:6] {
		p.Put(c)
	}
	if c := get(t, p, false); c.Local != other { // 4 and 2
		t.Error("the more loaded connection was chosen")
	} else {
		p.Put(c)
	}
	for _, c := range held[6:] {
		p.Put(c)
	}
}

// By ALPN, where nothing was negotiated: HTTP/1.1, and who waited for a
// connection to share gets one of his own.
func TestAutoFallsBackToHTTP1(t *testing.T) {
	p, _ := fresh2(t, serve(t).Addr().String(), pool.Options{Protocol: pool.Auto, Connections: 10, Pending: 100,
		Client: http1.ClientOptions{Head: 16 << 10, HeadCount: 100, Window: 8 << 10, BodyIdle: time.Minute, WriteIdle: time.Minute}})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			c := get(t, p, false)
			use(t, c)
			p.Put(c)
		})
	}
	all.Wait()
	if s := p.Stats(); s.Open > 10 || s.Open != s.Idle || s.Streams != 0 {
		t.Errorf("%+v", s)
	}
}

// However it is used, numbers add up, bounds hold, and nobody is forgotten.
func TestSharedHammer(t *testing.T) {
	const bound, each = 3, 4
	p, _ := fresh2(t, serve2(t, each).addr, pool.Options{Connections: bound, Pending: 100, MaxAge: 30 * time.Millisecond})
	var wg, sweeps sync.WaitGroup
	over := make(chan struct{})
	sweeps.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
				p.Sweep()
				if s := p.Stats(); s.Open < 0 || s.Streams < 0 || s.Streams > 16 {
					t.Errorf("%+v", s)
				}
				runtime.Gosched()
			}
		}
	})
	for i := range 16 {
		wg.Go(func() {
			for j := range 40 {
				c, err := p.Get((i+j)%5 == 0)
				if err != nil {
					t.Error(err)
					return
				}
				err = send(t, c, "/")
				if err == nil && (i+j)%7 != 0 {
					err = finish(t, c)
				}
				if err != nil && fault.KindOf(err) != fault.StaleConn {
					t.Error(err)
				}
				p.Put(c)
			}
		})
	}
	wg.Wait()
	close(over)
	sweeps.Wait()
	p.Close()
	counts(t, p, 0, 0, 0)
}
