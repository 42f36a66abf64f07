package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// prioritized is a gateway whose routes /low and /high have those priorities.
func prioritized(up string, rest ...string) string {
	routes := ""
	for _, p := range []string{"low", "high"} {
		routes += fmt.Sprintf("[[routes]]\nname = %[1]q\nmatch.path_prefix = \"/%[1]s\"\npriority = %[1]q\ncluster = \"up\"\n", p)
	}
	return coretest.Gateway(up, append(rest, routes)...)
}

// wereShed wants so many requests shed, by priority.
func wereShed(t *testing.T, p *coretest.Running, low, normal, high float64) {
	t.Helper()
	want := map[string]float64{}
	for priority, n := range map[string]float64{"low": low, "normal": normal, "high": high} {
		want[fmt.Sprintf(`weir_requests_shed_total{listener="gateway",priority=%q}`, priority)] = n
	}
	exactly(t, p, want)
}

// TestTooManyRequests has one place and one more to wait at.
func TestTooManyRequests(t *testing.T) {
	began, release := make(chan string), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began <- r.URL.Path
		<-release
	}))
	log := filepath.Join(t.TempDir(), "access.log")
	p := coretest.Proxy(t, prioritized(up.Addr, "[limits]\nin_flight = 1\nqueue = 1\nqueue_wait = \"5m\"\n", fmt.Sprintf("[log]\naccess = %q\n", log)))
	send := func(path string) *coretest.Client {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
		return c
	}
	queued := func(n float64) {
		coretest.Eventually(t, "requests wait", func() bool {
			return strings.Contains(p.Admin("GET", "/listeners").Body, fmt.Sprintf(`"queued": %v`, n))
		})
	}
	inside := send("/low/first")
	<-began
	low := send("/low/waits")
	queued(1)
	high := send("/high")
	if r := low.Read("GET"); r.Status != 503 {
		t.Errorf("low: %+v", r)
	}
	if r := send("/low").Read("GET"); r.Status != 503 {
		t.Errorf("low behind high: %+v", r)
	}
	if r := send("/").Read("GET"); r.Status != 503 {
		t.Errorf("normal behind high: %+v", r)
	}
	release <- true
	if got := <-began; got != "/high" {
		t.Errorf("next is %s", got)
	}
	release <- true
	for _, c := range []*coretest.Client{inside, high} {
		if r := c.Read("GET"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
	}
	wereShed(t, p, 2, 1, 0)
	coretest.Eventually(t, "the access log tells who was shed", func() bool {
		text, _ := os.ReadFile(log)
		return strings.Count(string(text), `"route":"low"`) == 3 && strings.Count(string(text), `"priority":"low"`) == 3 && strings.Contains(string(text), `"UO"`)
	})
}

// TestMemoryByPriority: what is of low priority is given up one step earlier, of high
// priority one later.
func TestMemoryByPriority(t *testing.T) {
	p := runShort(t, ok)
	module := coretest.Guest(t)
	p.config = func(memory string) string {
		return prioritized(p.up, memory, chained("facts"), coretest.Wasm(), coretest.FilterTable("facts", module, "facts"))
	}
	for _, tt := range []struct {
		memory string
		level  float64
		low    int
		normal int
		high   int
	}{{noKeepAlive, 2, 503, 200, 200}, {shedding, 3, 503, 503, 200}, {offMemory, 0, 200, 200, 200}} {
		p.make(tt.memory, tt.level)
		for path, want := range map[string]int{"/low": tt.low, "/": tt.normal, "/high": tt.high} {
			if r := coretest.Get(t, p.Addr("gateway"), path); r.Status != want {
				t.Errorf("level %v: %s: %d, want %d", tt.level, path, r.Status, want)
			}
		}
		// A filter's wish is heard before the request goes upstream.
		if r := coretest.Get(t, p.Addr("gateway"), "/", "X-Set: weir.priority=low"); r.Status != tt.low {
			t.Errorf("level %v: a wish for low: %d, want %d", tt.level, r.Status, tt.low)
		}
	}
	wereShed(t, p.Running, 3, 2, 0)
}
