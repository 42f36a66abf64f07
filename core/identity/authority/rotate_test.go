package authority_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

// TestRotationsAtOnce: of several that begin at once, by objects of their own as
// commands have them, one makes a root and the others are told of it.
func TestRotationsAtOnce(t *testing.T) {
	now := time.Now()
	for range 20 {
		_, dir := create(t, now)
		var all sync.WaitGroup
		var begun atomic.Int32
		for range 8 {
			a, err := authority.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				if a.Rotate(authority.Begin, false, now) == nil {
					begun.Add(1)
				}
			})
		}
		all.Wait()
		a, err := authority.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if pins, err := a.Pins(); begun.Load() != 1 || err != nil || len(pins) != 2 {
			t.Fatalf("%d rotations began, %d roots, %v", begun.Load(), len(pins), err)
		}
	}
}
