package wasi

import (
	"strings"
	"testing"
	"time"
)

// TestNeed: what is said to answer an error does, and nothing else does so
// whatever it is asked.
func TestNeed(t *testing.T) {
	for name, e := range table {
		need, known := Need(name)
		if !known {
			t.Errorf("%s is not known", name)
		}
		if name == "proc_exit" || name == "proc_raise" {
			continue
		}
		ones := []uint64{1, 1, 1, 1, 1, 1, 1, 1, 1} // 1 is standard output, and a clock
		refuses := e.call(all{}, ones) != ok
		if strings.HasPrefix(need, "answers an error") != refuses {
			t.Errorf("%s: %q, and refuses: %v", name, need, refuses)
		}
	}
	if _, known := Need("fd_fly"); known {
		t.Error("a function that WASI does not have")
	}
}

// all is a Guest with all that it can be asked for, but nothing behind it.
type all struct{ Guest }

func (all) Read(_, n uint32) ([]byte, bool) { return make([]byte, n), true }
func (all) WriteU32(uint32, uint32) bool    { return true }
func (all) WriteU64(uint32, uint64) bool    { return true }
func (all) Charge(int64)                    {}
func (all) Print(int, []byte)               {}
func (all) Now() time.Time                  { return time.Time{} }
func (all) Uptime() time.Duration           { return 0 }
func (all) Environ() []string               { return nil }
