package server_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// failing is a proxy with a bad guest on every path but /free, which has no
// filter, and /other, which has the same module in a VM of its own.
func failing(t *testing.T, up, module, onError string, rest ...string) *coretest.Running {
	rest = append(rest, chained("bad"), coretest.Wasm("lanes = 1", `min_tick = "10ms"`),
		coretest.FilterTable("bad", module, "", "on_error = \""+onError+"\"", `calls = ["up"]`, `memory = "8MiB"`),
		coretest.FilterTable("other", module, "", `vm = "own"`, `calls = ["up"]`),
		"[[routes]]\nname = \"free\"\nmatch = { path_prefix = \"/free\" }\ncluster = \"up\"\n",
		"[[routes]]\nname = \"other\"\nmatch = { path_prefix = \"/other\" }\ncluster = \"up\"\n"+chained("other")+"\n")
	return coretest.Proxy(t, coretest.Gateway(up, rest...))
}

// speaking is an upstream whose responses have a body and a trailer. It shows
// what is in x-there.
func speaking(t *testing.T) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-End")
		w.Header().Set("X-Saw", r.Header.Get("X-There"))
		fmt.Fprint(w, "fine")
		_ = http.NewResponseController(w).Flush()
		w.Header().Set("X-End", "yes")
	}))
}

// exchanged sends a request with a body and trailers.
func exchanged(t *testing.T, at, path string, fields ...string) (coretest.Response, error) {
	t.Helper()
	c := coretest.Dial(t, at)
	defer c.Close()
	head := "POST " + path + " HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	c.Send(head + "\r\n" + inChunks("hello", 2, "x-trailer: 1"))
	return c.TryRead("POST")
}

// TestGuestTraps ends an instance in each callback, of filters that fail
// closed and open, by a trap and by spending its budget.
func TestGuestTraps(t *testing.T) {
	t.Run("trap", func(t *testing.T) { fails(t, trap, regexp.MustCompile("unreachable")) })
	t.Run("endless loop", func(t *testing.T) {
		fails(t, endless, regexp.MustCompile("budget of fuel|much longer than its fuel is worth"))
	})
}

// fails has a filter do its misdeed in each callback; why is what the log says. Where
// the machine is busy the clock may end a callback before its fuel does.
func fails(t *testing.T, do misdeed, why *regexp.Regexp) {
	up := speaking(t)
	// What the client gets of the stream whose callback traps.
	const (
		refused  = "503, or an end that shows once the head is out"
		served   = "200, without the filter"
		finished = "200: the response was complete by then"
	)
	for _, c := range []struct{ in, closed, open string }{
		{"context_create", refused, served},
		{"request_headers", refused, served},
		{"request_body", refused, served},
		{"request_trailers", refused, served},
		{"http_call_response", refused, served},
		{"response_headers", refused, served},
		{"response_body", refused, served},
		{"response_trailers", refused, served},
		{"log", finished, finished},
		{"done", finished, finished},
		{"delete", finished, finished},
		{"tick", finished, finished},
	} {
		for onError, want := range map[string]string{"closed": c.closed, "open": c.open} {
			t.Run(c.in+" "+onError, func(t *testing.T) {
				t.Parallel()
				p := failing(t, up.Addr, bad(t, c.in, do), onError)
				at := p.Addr("gateway")
				if r, err := exchanged(t, at, "/"); err != nil || r.Status != 200 || r.Header.Get("X-Saw") != "guest" {
					t.Fatalf("before: %+v %v", r, err)
				}
				if c.in == "context_create" || c.in == "tick" {
					if r, err := exchanged(t, at, "/", "X-Arm: 1"); err != nil || r.Status != 200 {
						t.Fatalf("arming: %+v %v", r, err)
					}
				}
				if c.in == "tick" {
					coretest.Eventually(t, "the tick traps", func() bool { return p.Filter("bad").Traps == 1 })
				}
				r, err := exchanged(t, at, "/", "X-Boom: 1")
				whole := err == nil && r.Err == nil && r.Status == 200
				switch {
				case want == refused && (whole || err == nil && r.Err == nil && r.Status != 503),
					want != refused && (!whole || r.Body != "fine" || r.Trailer.Get("X-End") != "yes"):
					t.Errorf("%+v %v, want %s", r, err, want)
				}
				if early := c.in == "context_create" || c.in == "request_headers"; want == served && early && r.Header.Get("X-Saw") != "" {
					t.Errorf("the upstream saw what a filter left that had failed: %q", r.Header.Get("X-Saw"))
				}
				coretest.Eventually(t, "the trap is counted", func() bool { return p.Filter("bad").Traps == 1 })
				coretest.Eventually(t, "the log says so", func() bool {
					said := why.FindString(p.Log.String())
					return said != "" && p.Log.Has("a filter failed; its instance is replaced", `"filter":"bad"`, said)
				})
				for _, path := range []string{"/", "/other", "/free"} {
					if r, err := exchanged(t, at, path); err != nil || r.Status != 200 || r.Err != nil || path != "/free" && r.Header.Get("X-Saw") != "guest" {
						t.Errorf("afterwards, %s: %+v %v", path, r, err)
					}
				}
			})
		}
	}
	for _, in := range []string{"vm_start", "configure"} {
		for _, onError := range []string{"closed", "open"} {
			t.Run(in+" "+onError, func(t *testing.T) {
				t.Parallel()
				_, err := coretest.Start(t, coretest.Gateway(up.Addr, chained("bad"), coretest.Wasm(),
					coretest.FilterTable("bad", bad(t, in, do), "", "on_error = \""+onError+"\"")), coretest.Options{})
				if err == nil || !strings.Contains(err.Error(), "filters.bad: ") || !why.MatchString(err.Error()) {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// TestGuestThatGuardsCannotFailOpen is the operator's door shut.
func TestGuestThatGuardsCannotFailOpen(t *testing.T) {
	_, err := coretest.Start(t, coretest.Gateway("127.0.0.1:1", chained("bad"), coretest.Wasm(),
		coretest.FilterTable("bad", bad(t, "", trap), "", `on_error = "open"`, "security = true")), coretest.Options{})
	if err == nil || !strings.Contains(err.Error(), "filters.bad.on_error") || !strings.Contains(err.Error(), "cannot fail open") {
		t.Errorf("%v", err)
	}
}

// TestOtherStreamsOutliveATrap has streams wait for their upstream while the
// instance that serves them ends: they meet on_error, and those of another VM
// do not notice.
func TestOtherStreamsOutliveATrap(t *testing.T) {
	for onError, want := range map[string]int{"closed": 503, "open": 200} {
		t.Run(onError, func(t *testing.T) {
			waiting, goOn := make(chan bool, 8), make(chan bool)
			up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/wait") {
					waiting <- true
					until(r, goOn)
				}
			}))
			p := failing(t, up.Addr, bad(t, "request_headers", trap), onError)
			at := p.Addr("gateway")
			var held []*coretest.Client
			for _, path := range []string{"/wait", "/wait", "/other/wait"} {
				c := coretest.Dial(t, at)
				c.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
				<-waiting
				held = append(held, c)
			}
			if r := coretest.Get(t, at, "/", "X-Boom: 1"); r.Status != want {
				t.Errorf("%+v, want %d", r, want)
			}
			if onError == "closed" { // at once, not when the upstream has answered
				for _, c := range held[:2] {
					if r := c.Read("GET"); r.Status != 503 {
						t.Errorf("%+v, want 503", r)
					}
				}
				close(goOn)
			} else {
				close(goOn)
				for _, c := range held[:2] {
					if r := c.Read("GET"); r.Status != 200 {
						t.Errorf("%+v, want 200", r)
					}
				}
			}
			if r := held[2].Read("GET"); r.Status != 200 {
				t.Errorf("of another VM: %+v", r)
			}
		})
	}
}

// TestGuestBombs has filters spend what they are not given: time, memory,
// stack, table, host calls, log, heads. The filter's on_error answers in
// bounded time, requests beside it are served, the process does not grow.
func TestGuestBombs(t *testing.T) {
	up := speaking(t)
	for name, bomb := range map[string]misdeed{
		"an endless loop": endless, "recursion": recursing, "growing memory": growing, "filling memory": filling,
		"a growing table": tabling, "host calls": calling, "log lines": logging, "large heads": heading,
	} {
		for onError, want := range map[string]int{"closed": 503, "open": 200} {
			t.Run(name+" "+onError, func(t *testing.T) {
				began := time.Now()
				p := failing(t, up.Addr, bad(t, "request_headers", bomb), onError)
				at := p.Addr("gateway")
				var stop atomic.Bool
				var served atomic.Int64
				var all sync.WaitGroup
				for _, path := range []string{"/free", "/other"} {
					all.Go(func() {
						c := coretest.Dial(t, at)
						for !stop.Load() {
							if _, err := c.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
								t.Error(err)
								return
							}
							if r, err := c.TryRead("GET"); err != nil || r.Status != 200 {
								t.Errorf("beside it, %s: %+v %v", path, r, err)
								return
							}
							served.Add(1)
						}
					})
				}
				before := resident(t)
				for range 3 {
					from := served.Load()
					r, err := exchanged(t, at, "/", "X-Boom: 1")
					if err != nil || r.Status != want {
						t.Errorf("%+v %v, want %d", r, err, want)
					}
					coretest.Eventually(t, "requests beside it are served", func() bool { return served.Load() > from || t.Failed() })
				}
				stop.Store(true)
				all.Wait()
				if now := resident(t); now > before+64<<20 {
					t.Errorf("the process has %d MiB more", (now-before)>>20)
				}
				f := p.Filter("bad")
				if f.Traps == 0 || f.Lanes[0].Traps+f.Lanes[0].OverSpent == 0 || f.Lanes[0].Memory > 8<<20 {
					t.Errorf("%+v", f)
				}
				most := 100 * (2 + int(time.Since(began)/time.Second)) // 100 a second, and as many at once
				if n := strings.Count(p.Log.String(), "a line of a storm"); n > most {
					t.Errorf("%d lines of a storm were written, want at most %d", n, most)
				}
			})
		}
	}
}

// resident is the memory that the process has.
func resident(t *testing.T) int {
	t.Helper()
	var size, pages int
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &size, &pages)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestGuestQuarantine leaves a filter alone that keeps failing, and takes it
// back when its configuration changes.
func TestGuestQuarantine(t *testing.T) {
	for onError, want := range map[string]int{"closed": 503, "open": 200} {
		t.Run(onError, func(t *testing.T) {
			t.Parallel()
			up := speaking(t)
			module := bad(t, "request_headers", trap)
			toml := func(config string) string {
				return coretest.Gateway(up.Addr, chained("bad"), coretest.Wasm("lanes = 1"),
					coretest.FilterTable("bad", module, "", "on_error = \""+onError+"\"", "config = \""+config+"\""))
			}
			p := coretest.Proxy(t, toml("one"))
			at := p.Addr("gateway")
			coretest.Eventually(t, "the filter is in quarantine", func() bool {
				if r := coretest.Get(t, at, "/", "X-Boom: 1"); r.Status != want {
					t.Fatalf("%+v, want %d", r, want)
				}
				return p.Filter("bad").Quarantined
			})
			if !p.Log.Has("a filter is in quarantine: it keeps failing", `"filter":"bad"`, `"for":`) {
				t.Error("the log does not say so")
			}
			traps := p.Filter("bad").Traps
			r := coretest.Get(t, at, "/", "X-Boom: 1")
			if f := p.Filter("bad"); r.Status != want || f.Traps != traps || f.Unavailable == 0 {
				t.Errorf("%+v %+v, want %d without a further trap", r, f, want)
			}
			coretest.Eventually(t, "a new configuration is taken", func() bool {
				p.Write(toml(fmt.Sprint("two", time.Now().UnixNano())))
				return p.Admin("POST", "/reload").Status == 200
			})
			coretest.Eventually(t, "the filter serves again", func() bool {
				r := coretest.Get(t, at, "/")
				return r.Status == 200 && r.Header.Get("X-Saw") == "guest"
			})
		})
	}
}
