package alone

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/bench/internal/system"
	"github.com/weirproxy/weir/core/coretest"
)

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, []Figure{
		{"start", 99.96, "ms", 100}, {"memory", 41, "MiB", 40}, {"just so", 3, "ms", 0},
	})
	const want = "" +
		"  figure   value  unit  at most  verdict\n" +
		"  start    100.0    ms    100.0     pass\n" +
		"  memory    41.0   MiB     40.0     miss\n" +
		"  just so    3.0    ms                  \n"
	if err != nil || b.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, b.String(), want)
	}
}

const burnPath = "/burn"

// burner stands in for the proxy: it computes as its filter does, or refuses.
func burner(t *testing.T, refuses bool) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuses && r.URL.Path == burnPath {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		n, sum := 0, uint32(0)
		if h := r.Header.Get(system.BurnHeader); h != "" {
			n, _ = strconv.Atoi(h)
		}
		for range n {
			sum = sum*1664525 + 1013904223
		}
		w.Header().Set("x-sum", strconv.FormatUint(uint64(sum), 10))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestCalibrate(t *testing.T) {
	turns, took, err := calibrate(t.Context(), burner(t, false)+burnPath)
	if err != nil || turns < 100_000 || took < burnFor {
		t.Errorf("got %d turns, %s, %v; want at least %s", turns, took, err, burnFor)
	}
	if _, _, err := calibrate(t.Context(), burner(t, true)+burnPath); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a filter that is refused gave %v", err)
	}
}

// TestWatch sees that times are taken, and that a filter which is not run is
// not taken for one that does no harm.
func TestWatch(t *testing.T) {
	good, bad := burner(t, false), burner(t, true)
	coretest.Unhurried(t, 200*time.Millisecond, func(span time.Duration) error {
		short, cancel := context.WithTimeout(t.Context(), span)
		defer cancel()
		if s, err := watch(short, good, good+burnPath, 1000, true); err != nil || s.longest <= 0 || s.p999 > s.longest {
			return fmt.Errorf("got %+v, %v", s, err)
		}
		return nil
	})
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := watch(short, bad, bad+burnPath, 1000, true); err == nil || !strings.Contains(err.Error(), "let through") {
		t.Errorf("a filter that is refused gave %v", err)
	}
}

func TestSpread(t *testing.T) {
	var times []time.Duration
	for i := 1000; i > 0; i-- {
		times = append(times, time.Duration(i)*time.Millisecond)
	}
	if got, want := spreadOf(times), (spread{p999: 1000, longest: 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
