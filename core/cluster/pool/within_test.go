package pool_test

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
)

// late asks for a connection that is not there in time, because of why.
func late(t *testing.T, p *pool.Pool, why error) {
	t.Helper()
	if c, err := p.GetWithin(time.Millisecond, false); c != nil || err != why || fault.KindOf(err) != fault.UpstreamTimeout {
		t.Fatalf("%v, %v, want %v", c, err, why)
	}
	if n := p.Stats().Pending; n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// TestWhoCannotWaitLeaves: what one waited for in vain is there for the next.
func TestWhoCannotWaitLeaves(t *testing.T) {
	t.Run("for one of all that may be", func(t *testing.T) {
		p, _ := fresh(t, serve(t), pool.Options{Connections: 1, Pending: 1, PendingWait: time.Minute})
		c := get(t, p, false)
		late(t, p, pool.ErrQueued)
		use(t, c)
		p.Put(c)
		if other, err := p.GetWithin(time.Millisecond, false); err != nil || other != c {
			t.Errorf("%v, %v, want the one that lies idle", other, err)
		}
	})
	t.Run("for an endpoint that says nothing", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		p, _ := fresh2(t, l.Addr().String(), pool.Options{Connections: 1, Pending: 1})
		late(t, p, pool.ErrOpening) // the first opens it
		late(t, p, pool.ErrOpening) // and others wait for that
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := http2.NewFramer(c, nil).WriteSettings(); err != nil {
			t.Fatal(err)
		}
		eventually(func() bool { return p.Stats().Idle == 1 })
		counts(t, p, 1, 1, 0)
	})
	t.Run("for one that is not there", func(t *testing.T) {
		p, _ := fresh2(t, coretest.Refusing(t), pool.Options{Connections: 1, Pending: 1})
		if _, err := p.GetWithin(time.Second*50, false); fault.KindOf(err) != fault.Connect {
			t.Errorf("%v, want %v", err, fault.Connect)
		}
		counts(t, p, 0, 0, 0)
	})
}
