package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// samples are those of the metrics page that are of a kind, "" for all gauges, by
// their names and labels.
func samples(t *testing.T, admin, kind string) map[string]float64 {
	t.Helper()
	found, gauge := map[string]float64{}, false
	for line := range strings.Lines(asked(t, admin, "/metrics")) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			gauge = strings.HasSuffix(rest, " gauge\n")
		}
		at := strings.LastIndexByte(line, ' ')
		if line[0] == '#' || kind == "" && !gauge || !strings.HasPrefix(line, kind) {
			continue
		}
		n := 0.0
		if _, err := fmt.Sscan(line[at+1:], &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		found[line[:at]] = n
	}
	return found
}

func asked(t *testing.T, admin, path string) string {
	t.Helper()
	r, err := http.Get("http://" + admin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// heldBy says what a process holds beyond what it did before, and what is under way:
// by every gauge that tells of such, and by the views of listeners and clusters.
func heldBy(t *testing.T, admin string, before map[string]float64) (wrong []string) {
	t.Helper()
	now := samples(t, admin, "")
	for name, n := range now {
		switch was := before[name]; {
		case name == "go_goroutines", name == "process_open_fds":
			if n > was {
				wrong = append(wrong, fmt.Sprintf("%s is %v, was %v", name, n, was))
			}
		case strings.HasPrefix(name, "go_"), strings.HasPrefix(name, "process_"), strings.Contains(name, "memory"), strings.Contains(name, "_lanes"):
		case n != was:
			wrong = append(wrong, fmt.Sprintf("%s is %v, was %v", name, n, was))
		}
	}
	var listeners []struct{ Open, Streams, Queued int }
	var clusters []struct {
		Name      string
		Endpoints []struct {
			Address string
			Active  int64
			Pool    struct{ Open, Idle, Pending, Streams int }
		}
	}
	for path, into := range map[string]any{"/listeners": &listeners, "/clusters": &clusters} {
		if err := json.Unmarshal([]byte(asked(t, admin, path)), into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	for _, l := range listeners {
		if l.Open|l.Streams|l.Queued != 0 {
			wrong = append(wrong, fmt.Sprintf("of a listener: %+v", l))
		}
	}
	for _, c := range clusters {
		for _, e := range c.Endpoints {
			if p := e.Pool; e.Active != 0 || p.Open|p.Idle|p.Pending|p.Streams != 0 {
				wrong = append(wrong, fmt.Sprintf("of %s: %+v", c.Name, e))
			}
		}
	}
	return wrong
}

// atRest waits until a process has nothing under way, and tells its gauges; before
// are those of an earlier time, which it comes back to, or nil.
func atRest(t *testing.T, admin string, before map[string]float64) map[string]float64 {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	by := time.Now().Add(compiling)
	passing := map[string]float64{} // health checks come and go: the most of what they hold
	for quiet := 0; ; <-tick.C {
		now := before
		if before == nil {
			now = samples(t, admin, "")
			for _, name := range []string{"go_goroutines", "process_open_fds"} {
				passing[name] = max(passing[name], now[name])
				now[name] = passing[name]
			}
		}
		wrong := heldBy(t, admin, now)
		switch {
		case len(wrong) > 0:
			quiet = 0
		case before != nil || quiet > 20:
			return now
		default:
			quiet++
		}
		if time.Now().After(by) {
			t.Fatalf("still held: %s", strings.Join(wrong, "\n"))
		}
	}
}
