package pool_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
)

// An endpoint that nobody can connect to fails all who wait for it, at once.
func TestAllWhoWaitFailTogether(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, _ := fresh2(t, l.Addr().String(), pool.Options{Connections: 10, Pending: 100})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Get(false); fault.KindOf(err) != fault.Connect {
				t.Errorf("%v, want connect", err)
			}
		})
	}
	eventually(func() bool { return p.Stats().Pending == 19 })
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close() // instead of SETTINGS
	all.Wait()
	counts(t, p, 0, 0, 0)
	if s := p.Stats(); s.Pending != 0 {
		t.Errorf("%d wait", s.Pending)
	}
}

// A connection that goes away carries its streams to their end, takes no new
// one, and does not count against the bound.
func TestConnectionThatGoesAway(t *testing.T) {
	o := serve2(t, 250)
	p, r := fresh2(t, o.addr, pool.Options{Connections: 1, Pending: 1, MaxAge: 20 * time.Millisecond})
	old := get(t, p, false)
	if err := send(t, old, "/wait"); err != nil {
		t.Fatal(err)
	}
	passes(r, 30*time.Millisecond)
	p.Sweep()
	counts(t, p, 1, 0, 1)
	next := get(t, p, false)
	counts(t, p, 2, 0, 2)
	if err := send(t, next, "/"); err != nil {
		t.Error(err)
	}
	if err := finish(t, next); err != nil {
		t.Error(err)
	}
	p.Put(next)
	close(o.goOn)
	if err := finish(t, old); err != nil {
		t.Errorf("the stream of the connection that goes away: %v", err)
	}
	p.Put(old)
	if s := p.Stats(); s.Open > 1 || s.Streams != 0 {
		t.Errorf("%+v", s)
	}
}

// An endpoint that shuts down says so: its connection is gone from the pool.
func TestEndpointThatShutsDown(t *testing.T) {
	o := serve2(t, 250)
	p, _ := fresh2(t, o.addr, pool.Options{Connections: 1, Pending: 1})
	c := get(t, p, false)
	if err := send(t, c, "/"); err != nil {
		t.Fatal(err)
	}
	if err := finish(t, c); err != nil {
		t.Fatal(err)
	}
	p.Put(c)
	counts(t, p, 1, 1, 0)
	_ = o.server.Close()
	eventually(func() bool { return p.Stats().Open == 0 })
	if p.Idle() != nil {
		t.Error("a connection that is gone was given")
	}
}

func TestIdleSharedConnectionsAge(t *testing.T) {
	p, r := fresh2(t, serve2(t, 250).addr, pool.Options{Connections: 1, Pending: 1, IdleTimeout: 20 * time.Millisecond})
	c := get(t, p, false)
	passes(r, 30*time.Millisecond)
	p.Sweep()
	counts(t, p, 1, 0, 1) // it is in use
	p.Put(c)
	passes(r, 30*time.Millisecond)
	p.Sweep()
	counts(t, p, 0, 0, 0)
}

func TestCloseWhileStreamsAreUnderWay(t *testing.T) {
	o := serve2(t, 250)
	p, _ := fresh2(t, o.addr, pool.Options{Connections: 1, Pending: 1})
	c := get(t, p, false)
	if err := send(t, c, "/wait"); err != nil {
		t.Fatal(err)
	}
	p.Close()
	close(o.goOn)
	if err := finish(t, c); err != nil {
		t.Errorf("the stream under way: %v", err)
	}
	p.Put(c)
	late := get(t, p, false) // of a stream that is still under way
	p.Put(late)
	counts(t, p, 0, 0, 0)
}
