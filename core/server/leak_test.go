package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// busy is an upstream of many kinds of answers.
func busy(t *testing.T) *coretest.Upstream {
	m := http.NewServeMux()
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n)
	})
	m.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		for range 64 {
			if _, err := w.Write(make([]byte, 16<<10)); err != nil {
				return
			}
		}
	})
	m.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	m.HandleFunc("/upgrade", func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		if rw.Flush() == nil {
			_, _ = io.Copy(c, rw)
		}
	})
	return coretest.Serve(t, m)
}

// filtered is a configuration with a filter whose configuration is word.
func filtered(up, module, word string) string {
	toml := coretest.Gateway(up, `filters = ["one"]`, tag("one", module), "[limits]\nconnections = 1000\n")
	return strings.Replace(toml, `config = "one"`, `config = "`+word+`"`, 1) + "idle_timeout = \"100ms\"\n"
}

// holdings are what a process holds that can leak.
type holdings struct{ goroutines, descriptors, filters, streams int }

// holds counts. What asking for some of it holds for a moment is not in it.
func holds(t *testing.T, p *coretest.Running) (h holdings) {
	t.Helper()
	h.goroutines, h.descriptors = ofProcess(t)
	var filters, listeners []struct {
		Streams int `json:"streams"`
	}
	for path, into := range map[string]any{"/filters": &filters, "/listeners": &listeners} {
		if err := json.Unmarshal([]byte(p.Admin("GET", path).Body), into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	h.filters, h.streams = len(filters), listeners[0].Streams
	return h
}

func ofProcess(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	files, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(files)
}

// settles waits until no more is held than before.
func settles(t *testing.T, p *coretest.Running, before holdings) {
	t.Helper()
	by := time.Now().Add(coretest.Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now := holds(t, p)
		if now.goroutines <= before.goroutines && now.descriptors <= before.descriptors && now.filters <= before.filters && now.streams == 0 {
			return
		}
		if time.Now().After(by) {
			var stacks bytes.Buffer
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Fatalf("%+v are held, %+v were\n%.20000s", now, before, &stacks)
		}
		<-tick.C
	}
}

// rest lets what begins with the first request, and stays, begin; and what
// that took, end.
func rest(t *testing.T, p *coretest.Running) holdings {
	t.Helper()
	for range 16 { // lanes come on demand
		once(t, p.Addr("gateway"), "/")
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	// The pool looks after its idle connections once a second.
	least, since := holds(t, p), time.Now()
	for time.Since(since) < 1500*time.Millisecond {
		<-tick.C
		if now := holds(t, p); now.goroutines < least.goroutines || now.descriptors < least.descriptors {
			least, since = now, time.Now()
		}
	}
	return least
}

// once sends a request on a connection that it closes.
func once(t *testing.T, at, path string) coretest.Response {
	t.Helper()
	c := coretest.Dial(t, at)
	defer c.Close()
	c.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
	return c.Read("GET")
}

// users are clients that do what clients do, a number of times each.
var users = []struct {
	name  string
	times int
	do    func(t *testing.T, at string)
}{
	{"many requests", 30, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		for range 100 {
			c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
			if r := c.Read("POST"); r.Status != 200 || r.Body != "4" {
				t.Errorf("%+v", r)
			}
		}
		_ = c.Close()
	}},
	{"a head that breaks off", 100, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("GET / HTTP/1.1\r\nHo")
		c.Reset()
	}},
	{"a body that breaks off", 100, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 50000))
		c.Reset()
	}},
	{"nobody waits for the answer", 200, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
		c.Reset()
	}},
	{"half of the answer is enough", 100, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
		_, _ = io.ReadFull(c.R, make([]byte, 100<<10))
		c.Reset()
	}},
	{"an upgrade", 50, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		if r := c.Read("GET"); r.Status != 101 {
			t.Errorf("%+v", r)
		}
		c.Send("ping")
		if _, err := io.ReadFull(c.R, make([]byte, 4)); err != nil {
			t.Error(err)
		}
		_ = c.Close()
	}},
	{"an upgrade that is reset", 50, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		c.Line()
		c.Reset()
	}},
	{"nonsense", 100, func(t *testing.T, at string) {
		c := coretest.Dial(t, at)
		c.Send("NONSENSE\r\n\r\n")
		c.Read("GET")
		_ = c.Close()
	}},
}

// crowd lets all users come at once, some at a time.
func crowd(t *testing.T, at string) {
	var all sync.WaitGroup
	places := make(chan bool, 32)
	for _, u := range users {
		for range u.times {
			places <- true
			all.Go(func() {
				defer func() { <-places }()
				u.do(t, at)
			})
		}
	}
	all.Wait()
}

// TestNothingLeaks: after thousands of requests, of which many ended badly,
// and with reloads between them, all is as it was.
func TestNothingLeaks(t *testing.T) {
	up, module := busy(t), tagging(t)
	p := coretest.Proxy(t, filtered(up.Addr, module, "word-0"))
	before := rest(t, p)
	if before.filters != 1 {
		t.Fatalf("%+v", before)
	}
	ended := make(chan bool)
	go func() {
		defer close(ended)
		crowd(t, p.Addr("gateway"))
	}()
	reloads := 0
	for done := false; !done; {
		// Every second one changes the filter, so that it is made anew.
		p.Write(filtered(up.Addr, module, fmt.Sprintf("word-%d", reloads/2)))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		reloads++
		select {
		case <-ended:
			done = reloads >= 20
		default:
		}
	}
	settles(t, p, before)
	t.Logf("%d reloads; %+v", reloads, before)
}

// TestSnapshotEndsWithItsLastStream: the filter of a configuration that was
// replaced lives as long as the stream that began with it.
func TestSnapshotEndsWithItsLastStream(t *testing.T) {
	began, release := make(chan bool, 1), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			began <- true
			<-release
		}
		fmt.Fprint(w, r.Header.Get("X-Filters"))
	}))
	module := tagging(t)
	p := coretest.Proxy(t, filtered(up.Addr, module, "old"))
	at := p.Addr("gateway")
	before := rest(t, p)
	c := coretest.Dial(t, at)
	c.Send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	for _, word := range []string{"new", "newer"} {
		p.Write(filtered(up.Addr, module, word))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		if r := once(t, at, "/"); r.Body != word {
			t.Errorf("%+v, want what the %s filter left", r, word)
		}
		coretest.Eventually(t, "the filter of the held stream and the newest are there", func() bool { return holds(t, p).filters == 2 })
	}
	close(release)
	if r := c.Read("GET"); r.Body != "old" {
		t.Errorf("%+v, want what the old filter left", r)
	}
	_ = c.Close()
	settles(t, p, before)
}

// TestRefusedReloadsLeaveNothing: what was built for a configuration that is
// wrong at its end is given back.
func TestRefusedReloadsLeaveNothing(t *testing.T) {
	up, module := busy(t), tagging(t)
	p := coretest.Proxy(t, filtered(up.Addr, module, "old"))
	before := rest(t, p)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	good := filtered(up.Addr, module, "new")
	for name, toml := range map[string]string{
		"a filter of two": strings.Replace(good, `filters = ["one"]`, `filters = ["one", "two"]`, 1) + tag("two", module+".missing"),
		"a port":          strings.Replace(good, `["127.0.0.1:0"]`, fmt.Sprintf(`["127.0.0.1:0", %q]`, taken.Addr()), 1),
	} {
		for range 10 {
			p.Write(toml)
			if r := p.Admin("POST", "/reload"); r.Status != 422 {
				t.Errorf("%s: %+v, want 422", name, r)
			}
		}
	}
	_ = taken.Close()
	settles(t, p, before)
	if r := once(t, p.Addr("gateway"), "/"); r.Status != 200 {
		t.Errorf("%+v", r)
	}
}

// TestStopLeavesNothing: a proxy that has ended holds nothing of the process.
func TestStopLeavesNothing(t *testing.T) {
	up, module := busy(t), tagging(t)
	goroutines, descriptors := ofProcess(t)
	for range 3 {
		p := coretest.Proxy(t, filtered(up.Addr, module, "word"))
		once(t, p.Addr("gateway"), "/")
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		http.DefaultClient.CloseIdleConnections()
	}
	coretest.Eventually(t, "all is given back", func() bool {
		g, d := ofProcess(t)
		return g <= goroutines && d <= descriptors
	})
}
