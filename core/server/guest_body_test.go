package server_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// rewriting is a proxy in front of addr whose filter rewrites bodies.
func rewriting(t *testing.T, addr, request, response string, rest ...string) *coretest.Running {
	rest = append(rest, chained("body"), coretest.Wasm(`host_calls = 100000`), coretest.FilterTable("body", coretest.Guest(t), "body",
		fmt.Sprintf("config = { request = %q, response = %q }", request, response), `budget = "100ms"`))
	return coretest.Proxy(t, coretest.Gateway(addr, rest...))
}

// letters is n bytes of lower-case text.
func letters(n int) string { return strings.Repeat("abcdefghij", n/10+1)[:n] }

// TestGuestRewritesRequestBodies sends bodies in pieces of many sizes, with
// and without a content-length, through each way to rewrite them.
func TestGuestRewritesRequestBodies(t *testing.T) {
	for how, want := range map[string]func(string) string{
		"none":      func(s string) string { return s },
		"upper":     strings.ToUpper,
		"all:same":  func(s string) string { return s },
		"all:short": func(string) string { return "short" },
		"all:long":  func(string) string { return strings.Repeat("long ", 10_000) },
		"all:empty": func(string) string { return "" },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			up := newUpstream(t)
			p := rewriting(t, up.Addr, how, "")
			c := coretest.Dial(t, p.Addr("gateway"))
			for _, n := range []int{1, 10, 1000, 100 << 10} {
				body := letters(n)
				c.Send("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: " + strconv.Itoa(n) + "\r\n\r\n" + body)
				if r := c.Read("POST"); r.Status != 200 {
					t.Fatalf("%d bytes: %+v", n, r)
				}
				got := up.last(t)
				if got.body != want(body) || got.err != nil {
					t.Errorf("%d bytes with a content-length: %d bytes came, %v", n, len(got.body), got.err)
				}
				if l := got.header.Values("Content-Length"); len(l) > 0 && l[0] != strconv.Itoa(len(got.body)) {
					t.Errorf("%d bytes with a content-length: that of the rewritten body is %v", n, l)
				}
				for _, size := range []int{1, 7, 4096, 100 << 10} {
					if n/size > 1000 {
						continue
					}
					c.Send("POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks(body, size))
					if r := c.Read("POST"); r.Status != 200 {
						t.Fatalf("%d bytes in chunks of %d: %+v", n, size, r)
					}
					if got := up.last(t); got.body != want(body) || got.err != nil {
						t.Errorf("%d bytes in chunks of %d: %d bytes came, %v", n, size, len(got.body), got.err)
					}
				}
			}
		})
	}
	for how, want := range map[string]func(int) (least, most int){
		"double": func(n int) (int, int) { return 2 * n, 2 * n },
		"halve":  func(n int) (int, int) { return n/2 - 8, n / 2 }, // a piece of odd length loses a byte
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			up := newUpstream(t)
			p := rewriting(t, up.Addr, how, "")
			for _, n := range []int{2, 1000, 8 << 10} {
				if r := post(t, p.Addr("gateway"), "/", letters(n)); r.Status != 200 {
					t.Fatalf("%d bytes: %+v", n, r)
				}
				got := up.last(t)
				if least, most := want(n); len(got.body) < least || len(got.body) > most || got.err != nil {
					t.Errorf("%d bytes: %d came, %v, want %d to %d", n, len(got.body), got.err, least, most)
				}
			}
		})
	}
}

// sending is an upstream whose response has a body of pieces of a size.
func sending(t *testing.T) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		size, _ := strconv.Atoi(r.URL.Query().Get("size"))
		switch r.URL.Path {
		case "/status":
			w.WriteHeader(n)
			return
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(letters(n)))
			_ = z.Close()
			return
		case "/trailers":
			w.Header().Set("Trailer", "X-Old, X-Gone, X-Kept")
			defer func() {
				w.Header().Set("X-Old", "moved")
				w.Header().Set("X-Gone", "removed")
				w.Header().Set("X-Kept", "kept")
			}()
		}
		body := letters(n)
		if size == 0 {
			w.Header().Set("Content-Length", strconv.Itoa(n))
			_, _ = io.WriteString(w, body)
			return
		}
		for len(body) > 0 {
			k := min(size, len(body))
			_, _ = io.WriteString(w, body[:k])
			_ = http.NewResponseController(w).Flush()
			body = body[k:]
		}
	}))
}

func TestGuestRewritesResponseBodies(t *testing.T) {
	up := sending(t)
	for how, want := range map[string]func(string) string{
		"none":      func(s string) string { return s },
		"upper":     strings.ToUpper,
		"all:same":  func(s string) string { return s },
		"all:short": func(string) string { return "short" },
		"all:long":  func(string) string { return strings.Repeat("long ", 10_000) },
		"all:empty": func(string) string { return "" },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := rewriting(t, up.Addr, "", how)
			c := coretest.Dial(t, p.Addr("gateway"))
			for _, n := range []int{1, 10, 1000, 100 << 10} {
				for _, size := range []int{0, 1, 7, 4096, 100 << 10} {
					if size > 0 && n/size > 1000 {
						continue
					}
					c.Send(fmt.Sprintf("GET /?n=%d&size=%d HTTP/1.1\r\nHost: a\r\n\r\n", n, size))
					r := c.Read("GET")
					if r.Status != 200 || r.Body != want(letters(n)) || r.Err != nil {
						t.Errorf("%d bytes in pieces of %d: %d, %d bytes came, %v", n, size, r.Status, len(r.Body), r.Err)
					}
				}
			}
		})
	}
	t.Run("no body", func(t *testing.T) {
		for _, how := range []string{"upper", "double", "all:long", "trailer"} {
			p := rewriting(t, up.Addr, "", how)
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("HEAD /?n=1000 HTTP/1.1\r\nHost: a\r\n\r\n")
			if r := c.Read("HEAD"); r.Status != 200 || r.Body != "" {
				t.Errorf("%s: HEAD: %+v", how, r)
			}
			for _, status := range []int{204, 304} {
				c.Send(fmt.Sprintf("GET /status?n=%d HTTP/1.1\r\nHost: a\r\n\r\n", status))
				if r := c.Read("GET"); r.Status != status || r.Body != "" || r.Header.Get("Transfer-Encoding") != "" {
					t.Errorf("%s: %d: %+v", how, status, r)
				}
			}
			c.Send("GET /?n=0 HTTP/1.1\r\nHost: a\r\n\r\n")
			if r := c.Read("GET"); r.Status != 200 || r.Body != "" || r.Err != nil {
				t.Errorf("%s: an empty body: %+v", how, r)
			}
		}
	})
	t.Run("compressed bodies are left as they are", func(t *testing.T) {
		p := rewriting(t, up.Addr, "", "all:same")
		r := coretest.Get(t, p.Addr("gateway"), "/gzip?n=50000", "Accept-Encoding: gzip")
		z, err := gzip.NewReader(bytes.NewReader([]byte(r.Body)))
		if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%v %+v", err, r.Header)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != letters(50000) {
			t.Errorf("%d bytes, %v", len(plain), err)
		}
	})
}

func TestGuestChangesTrailers(t *testing.T) {
	up := newUpstream(t)
	for _, how := range []string{"none", "upper", "all:same", "all:short"} {
		t.Run("request "+how, func(t *testing.T) {
			p := rewriting(t, up.Addr, how, "")
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: x-old, x-gone, x-kept\r\nTransfer-Encoding: chunked\r\n\r\n" +
				inChunks(letters(100), 9, "x-old: moved", "x-gone: removed", "x-kept: kept"))
			r, got := c.Read("POST"), up.last(t)
			want := map[string]string{"none": letters(100), "upper": strings.ToUpper(letters(100)), "all:same": letters(100), "all:short": "short"}[how]
			if r.Status != 200 || got.body != want || got.err != nil {
				t.Errorf("%+v; body %q, %v", r, got.body, got.err)
			}
			if got.trailer.Get("X-Old") != "" || got.trailer.Get("X-New") != "moved" || got.trailer.Get("X-Gone") != "" || got.trailer.Get("X-Kept") != "kept" {
				t.Errorf("trailers %v", got.trailer)
			}
		})
		t.Run("response "+how, func(t *testing.T) {
			p := rewriting(t, sending(t).Addr, "", how)
			r := coretest.Get(t, p.Addr("gateway"), "/trailers?n=100&size=9", "TE: trailers")
			want := map[string]string{"none": letters(100), "upper": strings.ToUpper(letters(100)), "all:same": letters(100), "all:short": "short"}[how]
			if r.Status != 200 || r.Body != want || r.Err != nil {
				t.Errorf("%+v", r)
			}
			if r.Trailer.Get("X-Old") != "" || r.Trailer.Get("X-New") != "moved" || r.Trailer.Get("X-Gone") != "" || r.Trailer.Get("X-Kept") != "kept" {
				t.Errorf("trailers %v", r.Trailer)
			}
		})
	}
	t.Run("one is added to a request", func(t *testing.T) {
		p := rewriting(t, up.Addr, "trailer", "")
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks(letters(100), 9))
		if r, got := c.Read("POST"), up.last(t); r.Status != 200 || got.trailer.Get("X-Made") != "by a filter" || got.body != letters(100) {
			t.Errorf("%+v, upstream %+v", r, got)
		}
	})
	t.Run("one is added to a response", func(t *testing.T) {
		p := rewriting(t, sending(t).Addr, "", "trailer")
		r := coretest.Get(t, p.Addr("gateway"), "/?n=100&size=9", "TE: trailers")
		if r.Status != 200 || r.Trailer.Get("X-Made") != "by a filter" || r.Body != letters(100) {
			t.Errorf("%+v", r)
		}
	})
}

// TestGuestHoldsTooMuch goes beyond what a filter may hold back of a body.
func TestGuestHoldsTooMuch(t *testing.T) {
	up := newUpstream(t)
	const limits = "[limits]\nfilter_body = \"64KiB\"\n"
	t.Run("of a request", func(t *testing.T) {
		p := rewriting(t, up.Addr, "all:same", "", limits)
		at := p.Addr("gateway")
		if r := post(t, at, "/", letters(60<<10)); r.Status != 200 {
			t.Errorf("60 KiB: %d %q", r.Status, r.Body)
		}
		before := len(up.requests())
		if r := post(t, at, "/", letters(200<<10)); r.Status != 413 {
			t.Errorf("200 KiB: %d %q, want 413", r.Status, r.Body)
		}
		if len(up.requests()) != before {
			t.Error("a refused request came to the upstream")
		}
	})
	t.Run("of a response", func(t *testing.T) {
		p := rewriting(t, sending(t).Addr, "", "all:same", limits)
		at := p.Addr("gateway")
		if r := coretest.Get(t, at, fmt.Sprintf("/?n=%d&size=4096", 60<<10)); r.Status != 200 || len(r.Body) != 60<<10 {
			t.Errorf("60 KiB: %d, %d bytes", r.Status, len(r.Body))
		}
		c := coretest.Dial(t, at)
		c.Send(fmt.Sprintf("GET /?n=%d&size=4096 HTTP/1.1\r\nHost: a\r\n\r\n", 200<<10))
		if r, err := c.TryRead("GET"); err == nil && r.Err == nil && r.Status != 500 {
			t.Errorf("200 KiB: %d, %d bytes, as if nothing were wrong", r.Status, len(r.Body))
		}
		if r := coretest.Get(t, at, "/?n=10"); r.Status != 200 {
			t.Errorf("afterwards: %+v", r)
		}
	})
}

func TestGuestAnswersFromABody(t *testing.T) {
	up := newUpstream(t)
	p := rewriting(t, up.Addr, "reply", "")
	at := p.Addr("gateway")
	t.Run("with the upload unread", func(t *testing.T) {
		c := coretest.Dial(t, at)
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin")
		if r := c.Read("POST"); r.Status != 403 || r.Body != "not this body" || !r.Close {
			t.Errorf("%+v", r)
		}
	})
	t.Run("with the upload there, and the connection goes on", func(t *testing.T) {
		c := coretest.Dial(t, at)
		for range 3 {
			c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
			if r := c.Read("POST"); r.Status != 403 || r.Body != "not this body" || r.Close {
				t.Errorf("%+v", r)
			}
		}
	})
	t.Run("of a response, whose head is out", func(t *testing.T) {
		p := rewriting(t, sending(t).Addr, "", "reply")
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET /?n=100 HTTP/1.1\r\nHost: a\r\n\r\n")
		if r, err := c.TryRead("GET"); err == nil && r.Err == nil && r.Status == 200 {
			t.Errorf("%+v, as if nothing were wrong", r)
		}
	})
}

// TestGuestWantsTheBodyFirst meets a client that waits for 100 Continue
// with a filter that holds all back until the body is there.
func TestGuestWantsTheBodyFirst(t *testing.T) {
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("body", "waiter"), coretest.Wasm(),
		coretest.FilterTable("body", coretest.Guest(t), "body", `config = { request = "all:long" }`),
		coretest.FilterTable("waiter", coretest.Guest(t), "waiter", `config = {}`, `on_pause = "stop_iteration"`)))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nX-Pause: request_headers\r\nContent-Length: 5\r\n\r\n")
	if r := c.Read("PUT"); r.Status != 100 {
		t.Fatalf("%+v, want 100", r)
	}
	c.Send("hello")
	if r, got := c.Read("PUT"), up.last(t); r.Status != 200 || got.body != strings.Repeat("long ", 10_000) || got.header.Get("Expect") != "" {
		t.Errorf("%+v, upstream %+v", r, got.header)
	}
}
