package proxy_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/stream"
)

const low, normal, high = stream.PriorityLow, stream.PriorityNormal, stream.PriorityHigh

// crowd is a gate whose only place is taken, and those who wait at it.
type crowd struct {
	t    *testing.T
	gate proxy.Gate
	in   chan string // names, in the order of entering
	out  chan string // names and kinds of those that were refused
	all  sync.WaitGroup
}

func newCrowd(t *testing.T, queue int) *crowd {
	c := &crowd{t: t, in: make(chan string, 100), out: make(chan string, 100)}
	c.gate.Set(1, queue, time.Hour)
	if err := c.gate.Enter(low); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.all.Wait)
	return c
}

// come has one wait, and returns once it does, or was refused.
func (c *crowd) come(name string, p stream.Priority) {
	before, refused := c.gate.Waiting(), len(c.out)
	c.all.Go(func() {
		if err := c.gate.Enter(p); err != nil {
			c.out <- name + " " + fault.KindOf(err).String()
			return
		}
		c.in <- name
	})
	coretest.Eventually(c.t, name+" waits", func() bool { return c.gate.Waiting() > before || len(c.out) > refused })
}

// order lets n in, one after the other.
func (c *crowd) order(n int) string {
	var names []string
	for range n {
		c.gate.Leave()
		names = append(names, <-c.in)
	}
	return strings.Join(names, " ")
}

func is(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestGateLetsInByPriority(t *testing.T) {
	c := newCrowd(t, 10)
	c.come("l1", low)
	c.come("n1", normal)
	c.come("h1", high)
	c.come("n2", normal)
	c.come("h2", high)
	is(t, "order", c.order(5), "h1 h2 n1 n2 l1")
}

// TestGateWithMorePlaces: a reload that raises the bound lets in who waits.
func TestGateWithMorePlaces(t *testing.T) {
	c := newCrowd(t, 10)
	for _, name := range []string{"a", "b", "c"} {
		c.come(name, normal)
	}
	c.gate.Set(3, 10, time.Hour)
	names := []string{<-c.in, <-c.in}
	slices.Sort(names)
	is(t, "who came in", strings.Join(names, " "), "a b")
	c.gate.Set(100, 10, time.Hour)
	is(t, "and then", <-c.in, "c")
}

// However many of a higher priority come, one in nine places is for those below.
func TestGateStarvesNobody(t *testing.T) {
	c := newCrowd(t, 100)
	c.come("low", low)
	c.come("normal", normal)
	for i := range 20 {
		c.come(fmt.Sprint(i), high)
	}
	is(t, "order", c.order(12), "0 1 2 3 4 5 6 7 low normal 8 9")
	for range 10 {
		c.gate.Leave()
		<-c.in
	}
}

func TestGateSendsTheLowestAway(t *testing.T) {
	c := newCrowd(t, 2)
	c.come("l1", low)
	c.come("l2", low)
	c.come("l3", low)
	is(t, "refused", <-c.out, "l3 overload")
	c.come("n1", normal)
	is(t, "sent away", <-c.out, "l2 overload")
	c.come("h1", high)
	is(t, "sent away", <-c.out, "l1 overload")
	c.come("n2", normal)
	is(t, "refused", <-c.out, "n2 overload")
	c.come("h2", high)
	is(t, "sent away", <-c.out, "n1 overload")
	c.come("h3", high)
	is(t, "refused", <-c.out, "h3 overload")
	is(t, "order", c.order(2), "h1 h2")
}

// TestGateUnderLoad lets many come, wait, give up and go at once. In the end
// nobody is inside.
func TestGateUnderLoad(t *testing.T) {
	var g proxy.Gate
	g.Set(3, 5, time.Millisecond)
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			for range 50 {
				if g.Enter(stream.Priorities[i%3]) == nil {
					if n := g.Inside(); n > 3+60 { // those that look count for a moment
						t.Errorf("%d are inside", n)
					}
					g.Leave()
				}
			}
		})
	}
	all.Wait()
	if g.Inside() != 0 || g.Waiting() != 0 {
		t.Errorf("%d inside and %d waiting at the end", g.Inside(), g.Waiting())
	}
}
