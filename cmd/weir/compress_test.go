package main_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/weirproxy/weir/core/coretest"
)

// encoding starts a gateway whose one route has the filter compress, with a
// configuration in TOML, and no time-out.
func encoding(t *testing.T, upstream, config string, rest ...string) (p *process, at string) {
	t.Helper()
	text := strings.Replace(gateway(upstream, rest...), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"small\"]\ntimeout = \"off\"\n", 1) +
		"[filters.small]\nuse = \"compress\"\nconfig = { " + config + " }\n"
	p = start(t, "run", "-c", write(t, "", "proxy.toml", text))
	return p, p.ready().Listen["gateway"][0]
}

var encodings = []string{"", "gzip", "br", "zstd"}

// decoded is a body without its coding, as it comes in.
func decoded(t *testing.T, coding string, r io.Reader) io.Reader {
	t.Helper()
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		return z
	case "br":
		return brotli.NewReader(r)
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(z.Close)
		return z
	}
	return r
}

// get asks for a page and reads no more than its head. A coding that was accepted
// must have been taken.
func get(t *testing.T, at, coding string) *http.Response { return getBy(t, at, coding, false) }

// getBy is get by HTTP/2 with prior knowledge, or by HTTP/1.1.
func getBy(t *testing.T, at, coding string, http2 bool) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+at+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if coding != "" {
		r.Header.Set("Accept-Encoding", coding)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	c := http.Client{Transport: &http.Transport{DisableCompression: true, Protocols: protocols}}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close(); c.CloseIdleConnections() })
	if got := resp.Header.Get("Content-Encoding"); got != coding {
		t.Fatalf("the coding is %q, want %q: %v", got, coding, resp.Header)
	}
	return resp
}

// TestEventsArriveOneByOne: each event is there before the upstream sends the next,
// also where an upstream ends its chunks in packets of their own.
func TestEventsArriveOneByOne(t *testing.T) {
	const events = 20
	flushing := func(next chan bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range events {
				fmt.Fprintf(w, "data: %d\n\n", i)
				if http.NewResponseController(w).Flush() != nil {
					return
				}
				select {
				case <-next:
				case <-r.Context().Done():
					return
				}
			}
		})
	}
	clumsy := func(next chan bool) *coretest.Upstream {
		return coretest.Script(t, func(c *coretest.Peer) {
			c.Head()
			c.Say("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
			for i := range events {
				text := fmt.Sprintf("data: %d\n\n", i)
				c.Say(fmt.Sprintf("%x\r\n", len(text)))
				c.Say(text)
				select {
				case <-next:
				case <-t.Context().Done():
					return
				}
				c.Say("\r\n")
			}
			c.Say("0\r\n\r\n")
		})
	}
	for _, c := range []struct {
		name     string
		upstream func(next chan bool) *coretest.Upstream
		cluster  string // keys of its table
		http2    bool   // the client speaks it
	}{
		{"flushing", func(next chan bool) *coretest.Upstream { return coretest.Serve(t, flushing(next)) }, "", false},
		{"clumsy", clumsy, "", false},
		{"HTTP/2 upstream", func(next chan bool) *coretest.Upstream { return coretest.ServeHTTP2(t, flushing(next)) }, `protocol = "http2"`, false},
		{"HTTP/2 downstream", func(next chan bool) *coretest.Upstream { return coretest.Serve(t, flushing(next)) }, "", true},
	} {
		for _, coding := range encodings {
			t.Run(c.name+", coding "+coding, func(t *testing.T) {
				next := make(chan bool)
				_, at := encoding(t, c.upstream(next).Addr, "level = 5", c.cluster)
				resp := getBy(t, at, coding, c.http2)
				late := time.AfterFunc(coretest.Patience, func() { _ = resp.Body.Close() })
				defer late.Stop()
				want := 0
				lines := bufio.NewScanner(decoded(t, coding, resp.Body))
				for lines.Scan() {
					if lines.Text() == "" {
						continue
					}
					if got := lines.Text(); got != fmt.Sprintf("data: %d", want) {
						t.Fatalf("%q, want event %d", got, want)
					}
					want++
					select {
					case next <- true:
					case <-time.After(coretest.Patience):
						t.Fatalf("the upstream does not go on behind event %d", want)
					}
				}
				if err := lines.Err(); want != events || err != nil {
					t.Errorf("%d events arrived of %d: %v", want, events, err)
				}
			})
		}
	}
}

// page is text that is smaller when it is encoded.
func page(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "<li id=\"%d\">item %x of many</li>\n", r.IntN(100), r.IntN(1000))
	}
	return b.String()[:n]
}

// TestBodiesComeBack through the built program: of all sizes, known or not, with
// trailers, to clients of HTTP/1.0.
func TestBodiesComeBack(t *testing.T) {
	sizes := []int{0, 1, 255, 256, 5_000, 70_000, 2_000_000}
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		var known bool
		fmt.Sscanf(r.URL.RawQuery, "%d,%t", &n, &known)
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Etag", `"v1"`)
		if known {
			w.Header().Set("Content-Length", fmt.Sprint(n))
		} else {
			w.Header().Set("Trailer", "X-Sum")
		}
		_, _ = io.WriteString(w, page(n))
		w.Header().Set("X-Sum", "7")
	}))
	_, at := encoding(t, up.Addr, "")
	for _, n := range sizes {
		for _, known := range []bool{false, true} {
			for _, coding := range encodings {
				fields := []string{"Accept-Encoding: " + coding}
				r := coretest.Get(t, at, fmt.Sprintf("/?%d,%t", n, known), fields...)
				got := r.Header.Get("Content-Encoding")
				if encoded := coding != "" && (!known || n >= 256); encoded != (got == coding && got != "") || !encoded && got != "" {
					t.Errorf("%d bytes, known %t, %s: coding %q", n, known, coding, got)
				}
				body, err := io.ReadAll(decoded(t, got, strings.NewReader(r.Body)))
				if r.Err != nil || err != nil || string(body) != page(n) {
					t.Errorf("%d bytes, known %t, %s: %d came back, %v, %v", n, known, coding, len(body), r.Err, err)
				}
				if !known && n > 2048 && r.Trailer.Get("X-Sum") != "7" {
					t.Errorf("%d bytes, %s: trailers %v", n, coding, r.Trailer)
				}
				if got != "" && r.Header.Get("Etag") != `W/"v1"` {
					t.Errorf("%s: the tag is %s", coding, r.Header.Get("Etag"))
				}
			}
		}
	}
	c := coretest.Dial(t, at)
	c.Send("GET /?70000,true HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
	r := c.Read("GET")
	body, err := io.ReadAll(decoded(t, "gzip", strings.NewReader(r.Body)))
	if err != nil || string(body) != page(70000) || r.Header.Get("Content-Length") != "" {
		t.Errorf("HTTP/1.0: %d bytes, %v, %v", len(body), err, r.Header)
	}
}

// TestUpstreamsThatLie get nothing past the filter: a false coding goes on as it
// came, a body that is cut does not look whole.
func TestUpstreamsThatLie(t *testing.T) {
	answers := map[string]string{
		"/coding": "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\ncontent-length: 600\r\n\r\n" + page(600),
		"/long":   "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6000\r\n\r\n" + page(600),
		"/chunk":  "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n258\r\n" + page(600) + "\r\n",
		"/short":  "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 600\r\n\r\n" + page(900),
	}
	up := coretest.Script(t, func(c *coretest.Peer) {
		if _, path, ok := strings.Cut(c.Head(), " "); ok {
			path, _, _ = strings.Cut(path, " ")
			c.Say(answers[path])
		}
	})
	_, at := encoding(t, up.Addr, "")
	if r := coretest.Get(t, at, "/coding", "Accept-Encoding: br"); r.Body != page(600) || r.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a false coding: %v, %d bytes", r.Header, len(r.Body))
	}
	for _, path := range []string{"/long", "/chunk"} {
		if r := coretest.Get(t, at, path, "Accept-Encoding: gzip"); r.Err == nil {
			t.Errorf("%s: a body that was cut ended well", path)
		}
	}
	r := coretest.Get(t, at, "/short", "Accept-Encoding: gzip")
	if body, err := io.ReadAll(decoded(t, "gzip", strings.NewReader(r.Body))); err != nil || string(body) != page(600) {
		t.Errorf("a length that is too small: %d bytes, %v", len(body), err)
	}
}

// TestNoRoomForEncoders: responses go on as they are, and it is counted.
func TestNoRoomForEncoders(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page(5000))
	}))
	_, at := encoding(t, up.Addr, "", "[wasm]\nencoders = \"0B\"")
	r := coretest.Get(t, at, "/", "Accept-Encoding: gzip")
	if r.Header.Get("Content-Encoding") != "" || r.Body != page(5000) || r.Header.Get("Vary") != "accept-encoding" {
		t.Errorf("%v, %d bytes", r.Header, len(r.Body))
	}
}
