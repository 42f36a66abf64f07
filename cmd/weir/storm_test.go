package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

const stormFilters = `
[filters.deadline]
use = "deadline"
config = { most = "5s" }
[filters.fault]
use = "fault"
config = { delay = { time = "5ms", percent = 10 }, abort = { status = 503, percent = 5 } }
[filters.breaker]
use = "circuitbreaker"
config = { percent = 60, minimum = 20, window = "1s", open = "50ms", longest = "100ms", probes = 2 }
[filters.patient]
use = "retrypolicy"
config = { attempts = 3, per_try = "500ms", back_off = "2ms", budget = { percent = 100, per_second = 100 } }
[filters.shadow]
use = "mirror"
calls = ["shadow"]
config = { cluster = "shadow", methods = ["*"], max_body = "8KiB", timeout = "200ms" }
[filters.body]
use = "transform"
config = { request = { set = { seen = true } } }
`

// stormy is a gateway whose one route has all that can go wrong. The word differs
// from one configuration to the next.
func stormy(shadow string, word int) string {
	return strings.Replace(gateway("x:1", atOnce+`
pause = "2s"
[clusters.up.health]
kind = "tcp"
interval = "50ms"
timeout = "1s"
[clusters.up.outlier]
faults = 3
time = "50ms"
max_time = "100ms"
`, fmt.Sprintf("[clusters.shadow]\nendpoints = [%q]\nidle_timeout = \"100ms\"\nconnections = 4\npending = 4\npending_wait = \"50ms\"\n", shadow), stormFilters),
		"cluster = \"up\"\n", fmt.Sprintf(`cluster = "up"
filters = ["deadline", "fault", "breaker", "patient", "shadow", "body"]
retries = { buffer = "16KiB" }
metadata.x = { word = "%d" }
`, word), 1) + "\n"
}

// weather is what an upstream of the storm does.
type weather struct {
	bad   atomic.Bool
	n     atomic.Int64
	posts *ledger
}

func (w *weather) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	if id := r.Header.Get("X-Order"); id != "" && r.Method == "POST" {
		w.posts.note(id)
	}
	if !w.bad.Load() {
		_, _ = io.Copy(to, r.Body)
		return
	}
	switch w.n.Add(1) % 8 {
	case 0:
		panic(http.ErrAbortHandler)
	case 1:
		to.WriteHeader(http.StatusServiceUnavailable)
	case 2:
		_, _ = io.ReadFull(r.Body, make([]byte, 100))
		panic(http.ErrAbortHandler)
	case 3:
		_, _ = to.Write(make([]byte, 100<<10))
		panic(http.ErrAbortHandler)
	case 4:
		_, _ = io.Copy(io.Discard, r.Body) // or nobody tells that it is over
		<-r.Context().Done()
	default:
		_, _ = io.Copy(to, r.Body)
	}
}

// sailors are clients of the storm.
var sailors = []func(t *testing.T, at string, h2 *http.Client, id string){
	func(t *testing.T, at string, _ *http.Client, _ string) { // many, one after the other
		c := coretest.Dial(t, at)
		defer c.Close()
		for range 5 {
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			if r, err := c.TryRead("GET"); err != nil || r.Err != nil || r.Close {
				return
			}
		}
	},
	func(t *testing.T, at string, _ *http.Client, id string) { // a POST that must not come twice
		c := coretest.Dial(t, at)
		defer c.Close()
		body := `{"a":` + strings.Repeat(" ", 2000) + `1}`
		_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: a\r\nX-Order: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", id, len(body), body)
		_, _ = c.TryRead("POST")
	},
	func(t *testing.T, at string, _ *http.Client, _ string) { // an upload in pieces, larger than is kept
		c := coretest.Dial(t, at)
		defer c.Close()
		_, _ = io.WriteString(c, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range 20 {
			_, _ = io.WriteString(c, "400\r\n"+strings.Repeat("x", 0x400)+"\r\n")
		}
		_, _ = io.WriteString(c, "0\r\n\r\n")
		_, _ = c.TryRead("PUT")
	},
	func(t *testing.T, at string, _ *http.Client, _ string) { // an upload that breaks off
		c := coretest.Dial(t, at)
		_, _ = io.WriteString(c, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nxxx")
		c.Reset()
	},
	func(t *testing.T, at string, _ *http.Client, _ string) { // an answer that nobody waits for
		c := coretest.Dial(t, at)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		c.Reset()
	},
	func(t *testing.T, at string, _ *http.Client, _ string) { // little time
		c := coretest.Dial(t, at)
		defer c.Close()
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nX-Envoy-Expected-Rq-Timeout-Ms: 20\r\n\r\n")
		_, _ = c.TryRead("GET")
	},
	func(t *testing.T, at string, h2 *http.Client, id string) { // streams of HTTP/2 that are cancelled
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "POST", "http://"+at+"/", strings.NewReader(strings.Repeat("y", 50<<10)))
		r.Header.Set("X-Order", id)
		resp, err := h2.Do(r)
		if err == nil {
			_, _ = io.CopyN(io.Discard, resp.Body, 1000)
			_ = resp.Body.Close()
		}
	},
}

// TestNothingIsHeldAfterAStorm: upstreams fail in every way, endpoints come and go,
// configurations change, clients go away, all at once and with every filter that
// tries again, copies, breaks circuits or ends things early. When it is over nothing
// is under way or held, every upstream is used again, and no POST has come twice.
func TestNothingIsHeldAfterAStorm(t *testing.T) {
	sky := &weather{posts: &ledger{count: map[string]int{}}}
	var addrs []string
	for range 4 {
		addrs = append(addrs, coretest.Serve(t, sky).Addr)
	}
	shadow := coretest.Script(t, func(p *coretest.Peer) { p.Head(); p.Say("HTTP/1.1 200 OK\r\n\r\nx") }, func(p *coretest.Peer) { p.Ended() },
		func(p *coretest.Peer) { p.Head(); p.Reset() })
	dir := t.TempDir()
	tell := func(list []string) {
		write(t, dir, "up.toml", fmt.Sprintf("endpoints = [\"%s\"]\n", strings.Join(list, `", "`)))
	}
	tell(addrs)
	config := func(word int) string {
		return strings.Replace(stormy(shadow.Addr, word), `endpoints = ["x:1"]`,
			"discover = { file = \"up.toml\" }\nconnections = 8\npending = 8\npending_wait = \"200ms\"\nconnect_timeout = \"1s\"\nidle_timeout = \"100ms\"\nretry_budget = 1.0", 1)
	}
	p := start(t, "run", "-c", write(t, dir, "proxy.toml", config(0)))
	at := p.ready()
	gate := at.Listen["gateway"][0]
	calm := func() {
		for range 50 {
			c := coretest.Dial(t, gate)
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			_, _ = c.TryRead("GET")
			_ = c.Close()
		}
	}
	calm()
	before := atRest(t, at.Admin, nil)

	sky.bad.Store(true)
	var all sync.WaitGroup
	h2 := &http.Transport{Protocols: new(http.Protocols)}
	h2.Protocols.SetUnencryptedHTTP2(true)
	const clients, each = 12, 60
	for i := range clients {
		all.Go(func() {
			for j := range each {
				sailors[(i+j)%len(sailors)](t, gate, &http.Client{Transport: h2}, fmt.Sprint(i, "-", j))
			}
		})
	}
	over := make(chan bool)
	go func() { all.Wait(); close(over) }()
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for n, going := 0, true; going; n++ {
		select {
		case <-over:
			going = false
		case <-tick.C:
			some := slices.Clone(addrs)
			tell(slices.Delete(some, n%4, min(n%4+1+n%3, 4)))
			if n%5 == 4 {
				write(t, dir, "proxy.toml", config(n/10))
				p.signal(syscall.SIGHUP)
			}
		}
	}
	sky.bad.Store(false)
	tell(addrs)
	h2.CloseIdleConnections()
	sent := func() map[string]float64 { return samples(t, at.Admin, "weir_endpoint_requests_total") }
	was := sent()
	eventuallyWithin(t, compiling, "each endpoint is used again", func() bool {
		calm()
		now, used := sent(), 0
		for name, n := range now {
			if strings.Contains(name, `"up"`) && n > was[name] {
				used++
			}
		}
		return used == len(addrs)
	})
	atRest(t, at.Admin, before)
	if twice, n := sky.posts.twice(); len(twice) > 0 || n == 0 {
		t.Errorf("of %d POSTs these came more than once: %q", n, twice)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
