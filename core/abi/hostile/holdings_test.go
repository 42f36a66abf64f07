package hostile_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// holdings are what the process holds while the hostile filter is not there.
type holdings struct{ goroutines, resident int }

// more is by how many bytes the process may be larger afterwards: Go's heap
// and what was measured before have pages of their own accord.
const more = 24 << 20

// rests is what is held once nothing is given back any more.
func (w *world) rests(t *testing.T) holdings {
	t.Helper()
	least, since := now(t), time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Since(since) < time.Second {
		<-tick.C
		if n := now(t); n.goroutines < least.goroutines {
			least, since = n, time.Now()
		}
	}
	return least
}

// settles waits until no more is held than before the hostile filter came.
func (w *world) settles(t *testing.T) {
	t.Helper()
	var is holdings
	by := time.Now().Add(coretest.Patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		const own = 1 // the subtest's
		if is = now(t); is.goroutines <= w.quiet.goroutines+own {
			debug.FreeOSMemory()
			if is = now(t); is.resident <= w.quiet.resident+more {
				return
			}
		}
		if time.Now().After(by) {
			var stacks bytes.Buffer
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Fatalf("it leaves %+v behind where there were %+v\n%.10000s", is, w.quiet, &stacks)
		}
		<-tick.C
	}
}

func now(t *testing.T) holdings {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	return holdings{runtime.NumGoroutine(), ofStatus(t, "VmRSS")}
}

// peak is the most memory that the process had since forgetPeak.
func peak(t *testing.T) int { return ofStatus(t, "VmHWM") }

func forgetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// ofStatus is a size of the process's, in bytes; 0 where it says nothing of
// what is held.
func ofStatus(t *testing.T, name string) int {
	t.Helper()
	if race {
		return 0
	}
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	kib := 0
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatalf("%s of the process: %v", name, err)
	}
	return kib << 10
}
