package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// mirroring is a proxy whose filter has each request copied to the service at addr.
func mirroring(t *testing.T, up, addr, config string, rest ...string) *coretest.Running {
	rest = append(rest, chained("copy"), coretest.Wasm(), clusters("copies", addr)+quick,
		coretest.FilterTable("copy", coretest.Guest(t), "mirror", `calls = ["copies"]`, `config = { cluster = "copies", `+config+` }`))
	return coretest.Proxy(t, coretest.Gateway(up, rest...))
}

// copies counts what became of them.
func copies(p *coretest.Running, result string) int {
	return int(p.Metric(fmt.Sprintf(`weir_cluster_mirrored_total{cluster="copies",result=%q}`, result)))
}

func TestRequestsAreCopied(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := mirroring(t, up.Addr, to.Addr, `host = "next.internal:80"`)
	at := p.Addr("gateway")
	asked := 0
	copied := func(what string) received {
		t.Helper()
		asked++
		coretest.Eventually(t, what+": a copy was answered", func() bool { return copies(p, "sent") == asked })
		got := to.last(t)
		if fmt.Sprint(got.header["X-Weir-Mirrored"]) != "[1]" || up.last(t).header["X-Weir-Mirrored"] != nil || got.err != nil {
			t.Errorf("%s: the copy is %+v, the request %+v", what, got, up.last(t))
		}
		if n := len(up.requests()); n != asked {
			t.Fatalf("%s: the upstream got %d requests, want %d", what, n, asked)
		}
		return got
	}
	coretest.Get(t, at, "/orders?x=1", "x-a: b", "connection: x-hop", "x-hop: 1")
	if got := copied("a GET"); got.method != "GET" || got.path != "/orders?x=1" || got.header.Get("X-A") != "b" || got.header["X-Hop"] != nil {
		t.Errorf("a GET: %+v", got)
	}
	post(t, at, "/p", "a body")
	if got := copied("a POST"); got.method != "POST" || got.body != "a body" || got.length != 6 {
		t.Errorf("a POST: %+v", got)
	}
	c := coretest.Dial(t, at)
	c.Send("POST /chunked HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3\r\nabc\r\n")
	coretest.Eventually(t, "the request is under way", func() bool {
		return p.Metric(`weir_endpoint_requests_active{cluster="up",endpoint="`+up.Addr+`"}`) == 1
	})
	c.Send("3\r\ndef\r\n0\r\nx-sum: 6\r\n\r\n")
	c.Read("POST")
	if got := copied("pieces"); got.body != "abcdef" || got.trailer.Get("X-Sum") != "6" {
		t.Errorf("pieces: %+v", got)
	}
}

// TestNothingIsCopiedTwice: a request that is a copy, by the word of a trusted proxy, has
// none.
func TestNothingIsCopiedTwice(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := mirroring(t, up.Addr, to.Addr, `host = ""`, "[trust]\nproxies = [\"127.0.0.1/32\"]")
	coretest.Get(t, p.Addr("gateway"), "/", "X-Weir-Mirrored: 1")
	if got := up.last(t).header.Get("X-Asked"); got == "ok" {
		t.Errorf("it was taken: %q", got)
	}
	coretest.Get(t, p.Addr("gateway"), "/2")
	coretest.Eventually(t, "the other was copied", func() bool { return copies(p, "sent") == 1 })
	if got := to.requests(); len(got) != 1 || got[0].path != "/2" {
		t.Errorf("copies are %+v", got)
	}
}

// TestStrangersAreCopied: nobody whom the file does not trust gets out of being copied by
// saying that they are a copy, however they say it, and nobody behind is told so.
func TestStrangersAreCopied(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := mirroring(t, up.Addr, to.Addr, `host = ""`)
	for i, fields := range [][]string{
		{"X-Weir-Mirrored: 1"},
		{"X-Weir-Mirrored: 1", "x-weir-mirrored: "},
		{"X_Weir_Mirrored: 1"},
		{"X-Forwarded-For: 127.0.0.1", "X-Weir-Mirrored: 1"},
	} {
		coretest.Get(t, p.Addr("gateway"), "/", fields...)
		coretest.Eventually(t, fmt.Sprintf("%q: it was copied", fields), func() bool { return copies(p, "sent") == i+1 })
		if got := up.last(t).header; got["X-Weir-Mirrored"] != nil || got["X_weir_mirrored"] != nil {
			t.Errorf("%q: the upstream is told of %v", fields, got)
		}
		if got := to.last(t).header; fmt.Sprint(got["X-Weir-Mirrored"]) != "[1]" {
			t.Errorf("%q: the copy is told of %v", fields, got)
		}
	}
}

// TestOnlyCallsAreCopiedTo: a cluster that is not among them is as good as none.
func TestOnlyCallsAreCopiedTo(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("copy"), coretest.Wasm(), clusters("copies", to.Addr),
		coretest.FilterTable("copy", coretest.Guest(t), "mirror", `config = { cluster = "copies" }`)))
	r := coretest.Get(t, p.Addr("gateway"), "/")
	if got := up.last(t).header.Get("X-Asked"); r.Status != 200 || got == "ok" || len(to.requests()) > 0 {
		t.Errorf("%+v, asked %q, copies %v", r, got, to.requests())
	}
}

// TestLongBodiesAreNotCopied, whether their length is told or not; the request
// goes its way.
func TestLongBodiesAreNotCopied(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := mirroring(t, up.Addr, to.Addr, `max_body = "100000"`)
	at := p.Addr("gateway")
	long := strings.Repeat("x", 100_001)
	if r := post(t, at, "/", long); r.Status != 200 || up.last(t).body != long {
		t.Errorf("%+v", r)
	}
	c := coretest.Dial(t, at)
	c.Send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(long), long))
	if r := c.Read("POST"); r.Status != 200 || up.last(t).body != long {
		t.Errorf("%+v", r)
	}
	post(t, at, "/", long[1:])
	coretest.Eventually(t, "the shorter one was copied", func() bool { return copies(p, "sent") == 1 })
	if got := copies(p, "too_large"); got != 2 || len(to.requests()) != 1 || to.last(t).body != long[1:] {
		t.Errorf("%d were too large, %d copies", got, len(to.requests()))
	}
}

// TestMirrorsThatFail are nothing to the request.
func TestMirrorsThatFail(t *testing.T) {
	endless := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 1 << 20 {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	}))
	for _, c := range []struct{ name, addr, result string }{
		{"dead", coretest.Refusing(t), "failed"},
		{"hanging", coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Ended() }).Addr, "failed"},
		{"slow to the end", coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"); c.Ended() }).Addr, "failed"},
		{"resetting", coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Reset() }).Addr, "failed"},
		{"lying", coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say("what?\r\n\r\n") }).Addr, "failed"},
		{"endless", endless.Addr, "sent"},
		{"angry", coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n") }).Addr, "sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := newUpstream(t)
			timeout := map[string]string{"sent": "1m", "failed": "300ms"}[c.result]
			p := mirroring(t, up.Addr, c.addr, fmt.Sprintf("timeout = %q", timeout))
			if r := post(t, p.Addr("gateway"), "/", "a body"); r.Status != 200 || r.Body != "fine" {
				t.Errorf("%+v", r)
			}
			coretest.Eventually(t, "the copy came to its end", func() bool { return copies(p, c.result) == 1 })
			if n := len(up.requests()); n != 1 {
				t.Errorf("the upstream got %d requests", n)
			}
		})
	}
}

// TestCopiesAreBounded: a mirror that hangs holds so many copies and no more, and
// every request is answered.
func TestCopiesAreBounded(t *testing.T) {
	up := newUpstream(t)
	hangs := coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Ended() })
	p := mirroring(t, up.Addr, hangs.Addr, `timeout = "1m"`)
	const requests = 300
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := coretest.Dial(t, p.Addr("gateway"))
			for range requests / 4 {
				c.Send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
				if r, err := c.TryRead("GET"); err != nil || r.Status != 200 {
					t.Errorf("%+v, %v", r, err)
					return
				}
			}
		})
	}
	all.Wait()
	busy, failed := copies(p, "busy"), copies(p, "failed")
	if n := len(up.requests()); n != requests || busy+failed < requests-256 {
		t.Errorf("%d requests, %d copies were too many, %d failed", n, busy, failed)
	}
}

// TestAnUploadThatBreaksOff has no copy, and leaves nothing behind.
func TestAnUploadThatBreaksOff(t *testing.T) {
	up, to := newUpstream(t), newUpstream(t)
	p := mirroring(t, up.Addr, to.Addr, `host = ""`)
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc")
	coretest.Eventually(t, "the request is under way", func() bool {
		return p.Metric(`weir_endpoint_requests_active{cluster="up",endpoint="`+up.Addr+`"}`) == 1
	})
	c.Reset()
	coretest.Eventually(t, "the copy was given up", func() bool { return copies(p, "incomplete") == 1 })
	if len(to.requests()) > 0 {
		t.Errorf("copies: %+v", to.requests())
	}
}
