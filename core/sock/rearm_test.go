package sock_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// TestArmedWhileWaiting: a wait whose stamp another goroutine arms anew, in the
// moment in which it passes, times out or goes on. It never ends by the deadline
// that the reaper wakes it with.
func TestArmedWhileWaiting(t *testing.T) {
	r := reaper(t)
	c, peer := pair(t, r)
	const spans = 1000
	done := make(chan error, 1)
	timeouts := 0
	go func() {
		b := make([]byte, 16)
		for {
			_, err := c.Read(b)
			switch err {
			case nil:
				done <- nil
				return
			case sock.ErrTimeout:
				timeouts++
			default:
				done <- err
				return
			}
		}
	}()
	// The reaper looks once in a millisecond, and so does this.
	for i := range spans {
		c.ArmRead(time.Nanosecond)
		if i%4 != 0 {
			for at := r.Now(); r.Now() == at; {
				runtime.Gosched()
			}
		}
		c.ArmRead(time.Hour)
		if len(done) > 0 {
			break
		}
	}
	write(t, peer, "x")
	if err := <-done; err != nil {
		t.Fatalf("after %d time-outs: %v", timeouts, err)
	}
}
