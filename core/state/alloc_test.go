//go:build !race

package state_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

func TestHotCallsDoNotAllocate(t *testing.T) {
	n, _, clock := open(t, state.Options{})
	key, value := []byte("client/192.0.2.17"), make([]byte, 64)
	buf := make([]byte, 0, 64)
	n.Set(key, value, 0, 0)
	for name, do := range map[string]func(){
		"Get":       func() { n.Get(buf, key) },
		"Get none":  func() { n.Get(buf, value) },
		"Set":       func() { n.Set(key, value, 0, 0) },
		"Increment": func() { n.Increment([]byte("hits"), 1, 0) },
		"Take": func() {
			clock.advance(time.Millisecond)
			n.Take(key, 1, state.Rate{Limit: 100, Period: time.Second})
			n.Take(key, 1, state.Rate{Algorithm: state.SlidingWindow, Limit: 100, Period: time.Second})
		},
	} {
		do()
		if got := testing.AllocsPerRun(100, do); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}
