package state_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// clock is moved by the test alone.
type clock struct{ ns atomic.Int64 }

func (c *clock) now() int64              { return c.ns.Load() }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// open makes a namespace whose clock begins at an hour.
func open(t testing.TB, o state.Options) (*state.Namespace, *state.Store, *clock) {
	t.Helper()
	c := &clock{}
	c.advance(time.Hour)
	o.Now = c.now
	s := state.New(o)
	n := s.Open("vm", 0)
	t.Cleanup(n.Close)
	return n, s, c
}
