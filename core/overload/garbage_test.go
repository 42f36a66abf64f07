package overload_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/overload"
)

// TestGarbageIsNoOverload: a process that fills less than two thirds of its
// limit with what lives refuses nothing for 400 MiB of garbage a second.
func TestGarbageIsNoOverload(t *testing.T) {
	live := make([][]byte, 96)
	for i := range live {
		live[i] = make([]byte, 1<<20)
		for j := 0; j < len(live[i]); j += 1 << 10 {
			live[i][j] = 1
		}
	}
	debug.FreeOSMemory()
	r, err := new(overload.Machine).Read(1 << 40)
	if err != nil {
		t.Fatal(err)
	}
	m := overload.New(overload.Options{})
	m.Set(overload.Settings{Limit: overload.Limit(r.Used * 8 / 5), Thresholds: usual})
	defer m.Set(overload.Settings{Limit: overload.Off})
	m.Sample()
	var highest overload.Level
	var garbage []byte
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 60 {
		for range 8 << 20 / (16 << 10) {
			garbage = make([]byte, 16<<10)
			garbage[0] = 1
		}
		<-tick.C
		m.Sample()
		highest = max(highest, m.Level())
	}
	runtime.KeepAlive(garbage)
	runtime.KeepAlive(live)
	if highest > overload.Shrink {
		t.Errorf("%s: %+v", highest, m.Last())
	}
}
