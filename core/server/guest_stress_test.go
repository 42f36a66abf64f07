package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestGuestsStream has each side see a piece, rewritten, before the other
// sends the next.
func TestGuestsStream(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := c.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		b := make([]byte, 100)
		for {
			n, err := r.Body.Read(b)
			if n > 0 {
				fmt.Fprintf(w, "<%s>", b[:n])
				_ = c.Flush()
			}
			if err != nil {
				return
			}
		}
	}))
	p := rewriting(t, up.Addr, "upper", "none")
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
	for i := range 5 {
		c.Send("5\r\npart" + fmt.Sprint(i) + "\r\n")
		if i == 0 {
			for c.Line() != "" {
			}
		}
		if size, piece := c.Line(), c.Line(); size != "7" || piece != fmt.Sprintf("<PART%d>", i) {
			t.Fatalf("%q %q", size, piece)
		}
	}
	c.Send("0\r\n\r\n")
	if end := c.Line(); end != "0" {
		t.Errorf("%q", end)
	}
}

// TestRetrySendsWhatTheFilterMade repeats a request whose body and head a
// filter has rewritten: once, not twice.
func TestRetrySendsWhatTheFilterMade(t *testing.T) {
	var second string
	done := make(chan bool)
	up := coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Reset() }, func(c *coretest.Peer) {
		head := c.Head()
		second = head + c.Body(5)
		c.Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		close(done)
		c.Ended()
	})
	module := coretest.Guest(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("mark", "body"), coretest.Wasm(),
		coretest.FilterTable("mark", module, "marker", `config = { name = "once" }`),
		coretest.FilterTable("body", module, "body", `config = { request = "all:short" }`)))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello, world")
	r := c.Read("PUT")
	<-done
	if r.Status != 200 || !strings.HasSuffix(second, "short") && !strings.Contains(second, "5\r\nshort") || strings.Count(second, "x-there: once") != 1 {
		t.Errorf("%+v after %q", r, second)
	}
}

// TestPipelinedRequestsKeepTheirOrder pauses the first of two.
func TestPipelinedRequestsKeepTheirOrder(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	p := pausing(t, up.Addr, `config = { tick = "50ms" }`)
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET /first HTTP/1.1\r\nHost: a\r\nX-Pause: request_headers\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n")
	for _, want := range []string{"/first", "/second"} {
		if r := c.Read("GET"); r.Status != 200 || r.Body != want {
			t.Errorf("%+v, want %s", r, want)
		}
	}
}

// TestOldRootResumesItsStreams reloads while a stream is paused: the timer and
// the call that it waits for are its old root's.
func TestOldRootResumesItsStreams(t *testing.T) {
	module := coretest.Guest(t)
	asked, answer := make(chan bool, 1), make(chan bool)
	up := newUpstream(t)
	service := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- true
		until(r, answer)
	}))
	toml := func(n int) string {
		return coretest.Gateway(up.Addr, chained("waiter"), coretest.Wasm("lanes = 1"),
			coretest.FilterTable("waiter", module, "waiter", fmt.Sprintf("config = { tick = \"%dms\" }", 300+n)),
			coretest.FilterTable("auth", module, "auth", fmt.Sprintf("config = { cluster = \"auth\", path = \"/%d\" }", n), `calls = ["auth"]`),
			clusters("auth", service.Addr),
			"[[routes]]\nname = \"asks\"\nmatch = { path_prefix = \"/asks\" }\ncluster = \"up\"\n"+chained("auth")+"\n")
	}
	p := coretest.Proxy(t, toml(0))
	at := p.Addr("gateway")
	paused, asking := coretest.Dial(t, at), coretest.Dial(t, at)
	asking.Send("GET /asks HTTP/1.1\r\nHost: a\r\n\r\n")
	<-asked
	answers := make(chan coretest.Response, 1)
	pause := func() {
		paused.Send("GET /paused HTTP/1.1\r\nHost: a\r\nX-Pause: request_headers\r\n\r\n")
		go func() {
			r, _ := paused.TryRead("GET")
			answers <- r
		}()
	}
	pause()
	coretest.Eventually(t, "both are paused", func() bool {
		select {
		case <-answers: // its timer came before anybody had looked
			pause()
		default:
		}
		return p.Filter("waiter").Streams == 1
	})
	for n := 1; n <= 3; n++ {
		p.Write(toml(n))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
	}
	close(answer)
	if r := asking.Read("GET"); r.Status != 200 {
		t.Errorf("asking: %+v", r)
	}
	if r := <-answers; r.Status != 200 {
		t.Errorf("paused: %+v", r)
	}
	coretest.Eventually(t, "the old roots are gone", func() bool { return len(p.Filters()) == 2 })
}

// TestOtherLanesOutliveATrap ends one of several instances: the streams of
// the others go on.
func TestOtherLanesOutliveATrap(t *testing.T) {
	const held = 24
	waiting, goOn := make(chan bool, held), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			waiting <- true
			until(r, goOn)
		}
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("bad"), coretest.Wasm("lanes = 4"),
		coretest.FilterTable("bad", bad(t, "request_headers", trap), "")))
	at := p.Addr("gateway")
	coretest.Eventually(t, "several lanes live", func() bool { // they come when they are wanted
		clients(t, at, 16, 10, nil)
		live := 0
		for _, l := range p.Filter("bad").Lanes {
			if l.State == "live" {
				live++
			}
		}
		return live >= 2
	})
	var all []*coretest.Client
	for range held {
		c := coretest.Dial(t, at)
		c.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
		<-waiting
		all = append(all, c)
	}
	if r := coretest.Get(t, at, "/", "X-Boom: 1"); r.Status != 503 {
		t.Errorf("%+v", r)
	}
	close(goOn)
	served := 0
	for _, c := range all {
		switch r := c.Read("GET"); r.Status {
		case 200:
			served++
		case 503:
		default:
			t.Errorf("%+v", r)
		}
	}
	if served == 0 {
		t.Error("one instance's end failed the streams of all lanes")
	}
}

// TestTrapsUnderLoad has one request in eight end an instance of a filter that
// fails open: every request is served, and those of another VM do not notice.
func TestTrapsUnderLoad(t *testing.T) {
	up := speaking(t)
	for _, in := range []string{"request_headers", "request_body", "response_headers", "response_body", "log", "delete"} {
		t.Run(in, func(t *testing.T) {
			p := failing(t, up.Addr, bad(t, in, trap), "open")
			at := p.Addr("gateway")
			var all sync.WaitGroup
			for n := range 16 {
				all.Go(func() {
					for i := range 24 {
						path, field := "/", "X-Calm: 1"
						switch {
						case n%4 == 3:
							path = "/other"
						case (n+i)%8 == 0:
							field = "X-Boom: 1"
						}
						r, err := exchanged(t, at, path, field)
						if err != nil || r.Status != 200 || r.Err != nil || r.Body != "fine" || r.Trailer.Get("X-End") != "yes" {
							t.Errorf("%s %s: %+v %v", path, field, r, err)
						}
						if path == "/other" && r.Header.Get("X-Saw") != "guest" {
							t.Errorf("another VM was skipped: %+v", r)
						}
					}
				})
			}
			all.Wait()
			if f := p.Filter("bad"); f.Traps == 0 {
				t.Errorf("%+v", f)
			}
			coretest.Eventually(t, "no stream is left", func() bool { return streamsOf(t, p) == 0 })
		})
	}
}

// TestPausedStreamsAreAnsweredAtATrap has streams wait in their filter, for a
// call's answer, while its instance ends.
func TestPausedStreamsAreAnsweredAtATrap(t *testing.T) {
	for onError, want := range map[string]int{"closed": 503, "open": 200} {
		t.Run(onError, func(t *testing.T) {
			asked := make(chan bool, 4)
			never := make(chan bool)
			service := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/ask/wait" {
					asked <- true
					until(r, never)
				}
			}))
			up := newUpstream(t)
			module := coretest.Guest(t)
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("auth", "noise"), coretest.Wasm("lanes = 1"),
				coretest.FilterTable("auth", module, "auth", `config = { cluster = "auth", path = "/ask" }`, `calls = ["auth"]`, "on_error = \""+onError+"\""),
				coretest.FilterTable("noise", module, "noise", "on_error = \""+onError+"\""), clusters("auth", service.Addr)))
			at := p.Addr("gateway")
			var held []*coretest.Client
			for range 4 {
				c := coretest.Dial(t, at)
				c.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
				<-asked
				held = append(held, c)
			}
			if r := coretest.Get(t, at, "/", "X-Do: panic"); r.Status != want {
				t.Errorf("%+v, want %d", r, want)
			}
			for _, c := range held { // the service has not answered
				if r := c.Read("GET"); r.Status != want {
					t.Errorf("%+v, want %d", r, want)
				}
			}
		})
	}
}

// TestClientGoesWhileItIsPaused ends a pause that nothing else would.
func TestClientGoesWhileItIsPaused(t *testing.T) {
	up := newUpstream(t)
	p := pausing(t, up.Addr, "config = {}")
	at := p.Addr("gateway")
	before := rest(t, p)
	seen := len(up.requests())
	for _, phase := range []string{"request_headers", "request_body", "response_headers", "response_body"} {
		c := coretest.Dial(t, at)
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nX-Pause: " + phase + "\r\nContent-Length: 5\r\n\r\nhello")
		coretest.Eventually(t, "it is paused", func() bool { return streamsOf(t, p) == 1 })
		c.Reset()
		coretest.Eventually(t, "the stream of a client that has gone ends", func() bool { return streamsOf(t, p) == 0 })
	}
	settles(t, p, before)
	if n := len(up.requests()) - seen; n > 3 {
		t.Errorf("%d requests came to the upstream, want at most 3", n)
	}
}
