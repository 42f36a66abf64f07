package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestGuestRepliesFromEachPhase answers from the second of three filters. The
// filters that the request had entered see the answer, from the last to the
// first; later ones do not.
func TestGuestRepliesFromEachPhase(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-End")
		w.Header().Set("X-There", strings.Join(r.Header.Values("X-There"), " "))
		fmt.Fprint(w, "fine")
		_ = http.NewResponseController(w).Flush()
		w.Header().Set("X-End", "yes")
	}))
	module := coretest.Guest(t)
	tables := coretest.Wasm()
	for _, name := range []string{"one", "two", "three"} {
		tables += coretest.FilterTable(name, module, "marker", fmt.Sprintf("config = { name = %q }", name))
	}
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("one", "two", "three"), tables))
	at := p.Addr("gateway")
	send := func(t *testing.T, reply string) (coretest.Response, error) {
		c := coretest.Dial(t, at)
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nX-Reply: " + reply + "\r\n\r\n" +
			inChunks("hello", 2, "x-trailer: 1"))
		return c.TryRead("POST")
	}
	t.Run("none", func(t *testing.T) {
		r, err := send(t, "nobody")
		if err != nil || r.Status != 200 || r.Body != "fine" || r.Header.Get("X-There") != "one two three" ||
			fmt.Sprint(r.Header["X-Back"]) != "[three two one]" || r.Trailer.Get("X-End") != "yes" {
			t.Errorf("%+v %v", r, err)
		}
	})
	for phase, back := range map[string]string{
		"request_headers":  "[two one]",
		"request_body":     "[three two one]", // the head had gone on to the third
		"request_trailers": "[three two one]",
		"response_headers": "[]",
	} {
		t.Run(phase, func(t *testing.T) {
			r, err := send(t, "two "+phase)
			if err != nil || r.Status != 418 || r.Body != "two in "+phase || r.Header.Get("X-By") != "two" ||
				fmt.Sprint(r.Header["X-Back"]) != back || r.Header.Get("Content-Type") != "text/plain" {
				t.Errorf("%+v %v, want x-back %s", r, err, back)
			}
		})
	}
	for _, phase := range []string{"response_body", "response_trailers"} {
		t.Run(phase, func(t *testing.T) { // the head may be out: then the client sees an end
			r, err := send(t, "two "+phase)
			if whole := err == nil && r.Err == nil; whole && (r.Status != 418 || r.Body != "two in "+phase || len(r.Header["X-Back"]) > 0) {
				t.Errorf("%+v", r)
			}
		})
	}
	if r, err := send(t, "nobody"); err != nil || r.Status != 200 {
		t.Errorf("afterwards: %+v %v", r, err)
	}
}

// TestGuestRepliesWithTheHeadOut answers from a response's body, whose head the
// client has: all that is left is to end it where the client sees that.
func TestGuestRepliesWithTheHeadOut(t *testing.T) {
	goOn := make(chan bool)
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Head()
		c.Say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
		<-goOn
		c.Say("hello")
		c.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("one"), coretest.Wasm(),
		coretest.FilterTable("one", coretest.Guest(t), "marker", `config = { name = "one" }`)))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\nX-Reply: one response_body\r\n\r\n")
	if line := c.Line(); line != "HTTP/1.1 200 OK" {
		t.Fatalf("%q", line)
	}
	for c.Line() != "" {
	}
	close(goOn)
	if !c.Closed() {
		t.Error("something follows the head, but for an end")
	}
}

// pausing is a proxy whose filter pauses requests that ask for it.
func pausing(t *testing.T, up, config string, rest ...string) *coretest.Running {
	rest = append(rest, chained("waiter"), coretest.Wasm(`min_tick = "10ms"`))
	return coretest.Proxy(t, coretest.Gateway(up, append(rest, coretest.FilterTable("waiter", coretest.Guest(t), "waiter", config))...)+quick)
}

func TestGuestPausesForGood(t *testing.T) {
	up := newUpstream(t)
	p := pausing(t, up.Addr, "config = {}", "[timeouts]\npause = \"200ms\"\ndrain = \"2s\"\n")
	at := p.Addr("gateway")
	for _, phase := range []string{"request_headers", "request_body", "response_headers"} {
		t.Run(phase, func(t *testing.T) {
			before := len(up.requests())
			began := time.Now()
			r := post(t, at, "/", "hello", "X-Pause: "+phase)
			if r.Status != 504 {
				t.Errorf("%+v, want 504", r)
			}
			if took := time.Since(began); took < 200*time.Millisecond {
				t.Errorf("it took %v, less than the pause's bound", took)
			}
			if n := len(up.requests()); phase == "request_headers" && n != before {
				t.Errorf("%d requests came to the upstream", n-before)
			}
		})
	}
	t.Run("response_body", func(t *testing.T) {
		c := coretest.Dial(t, at)
		c.Send("GET / HTTP/1.1\r\nHost: a\r\nX-Pause: response_body\r\n\r\n")
		if r, err := c.TryRead("GET"); err == nil && r.Err == nil && r.Status == 200 {
			t.Errorf("%+v, as if nothing were wrong", r)
		}
	})
	coretest.Eventually(t, "no stream is left", func() bool { return streamsOf(t, p) == 0 })
	if r := coretest.Get(t, at, "/"); r.Status != 200 {
		t.Errorf("afterwards: %+v", r)
	}
}

func TestGuestResumesByItsTimer(t *testing.T) {
	up := newUpstream(t)
	p := pausing(t, up.Addr, `config = { tick = "20ms" }`)
	at := p.Addr("gateway")
	for _, phase := range []string{"request_headers", "request_body", "response_headers", "response_body"} {
		t.Run(phase, func(t *testing.T) {
			body := letters(100_000)
			r := post(t, at, "/", body, "X-Pause: "+phase)
			if got := up.last(t); r.Status != 200 || r.Body != "fine" || r.Err != nil || got.body != body {
				t.Errorf("%+v, %d of %d bytes came", r, len(got.body), len(body))
			}
		})
	}
}

// TestGuestSeesTheBodyBeforeItsHeadGoes is on_pause = "stop_iteration".
func TestGuestSeesTheBodyBeforeItsHeadGoes(t *testing.T) {
	up := newUpstream(t)
	for mode, want := range map[string]string{"stop_iteration": "yes", "stop_all": ""} {
		t.Run(mode, func(t *testing.T) {
			module := coretest.Guest(t)
			coretest.Unhurried(t, 20*time.Millisecond, func(tick time.Duration) error { // the body is there before it
				p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("waiter"), coretest.Wasm(`min_tick = "10ms"`),
					coretest.FilterTable("waiter", module, "waiter", fmt.Sprintf("config = { tick = %q }", tick), "on_pause = \""+mode+"\"")))
				r := post(t, p.Addr("gateway"), "/", "hello", "X-Pause: request_headers")
				if got := up.last(t); r.Status != 200 || got.body != "hello" || got.header.Get("X-Saw-Body") != want {
					return fmt.Errorf("%+v, upstream %+v", r, got)
				}
				return nil
			})
		})
	}
}
