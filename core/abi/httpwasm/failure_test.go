package httpwasm_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestIsError: handle_response is always called after the next handler, and
// told where there is no response but Weir's own.
func TestIsError(t *testing.T) {
	told := []string{"ctx=9", "is_error=1"}
	guestWith := func(more ...step) *guest {
		return &guest{answer: next(9), response: append([]step{params}, more...)}
	}

	t.Run("PW-132 nobody listens", func(t *testing.T) {
		r := serve(t, guestWith(ask("get_status_code")), &coretest.Upstream{Addr: coretest.Refusing(t)})
		if got := r.get("/").Status; got != 502 {
			t.Errorf("status %d", got)
		}
		r.expect(append(told, "get_status_code=502")...)
	})

	t.Run("PW-132 a guest with buffer_response makes a page of it", func(t *testing.T) {
		g := guestWith(do("set_status_code", 500), do("write_body", 1, "sorry"))
		g.start = features(bufferResponse)
		r := serve(t, g, &coretest.Upstream{Addr: coretest.Refusing(t)})
		if got := r.get("/"); got.Status != 500 || got.Body != "sorry" {
			t.Errorf("%+v", got)
		}
		r.expect(told...)
	})

	t.Run("PW-132 the upstream breaks off in the body, which is buffered", func(t *testing.T) {
		g := guestWith()
		g.start = features(bufferResponse)
		r := serve(t, g, coretest.Script(t, func(p *coretest.Peer) {
			p.Head()
			p.Say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbody")
		}))
		if got := r.get("/").Status; got != 502 {
			t.Errorf("status %d", got)
		}
		coretest.Eventually(t, "it is told", func() bool { return r.Log.Has("is_error=1") })
	})

	t.Run("PW-132 a response too long to be buffered", func(t *testing.T) {
		g := guestWith()
		g.start = features(bufferResponse)
		r := serve(t, g, coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 100<<10))
		})), "[limits]\nfilter_body = \"64KiB\"")
		if got := r.get("/").Status; got != 500 {
			t.Errorf("status %d", got)
		}
		coretest.Eventually(t, "it is told", func() bool { return r.Log.Has("is_error=1") })
	})

	t.Run("PW-132 the client goes away", func(t *testing.T) {
		release := make(chan bool)
		r := serve(t, guestWith(), coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })))
		defer close(release)
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
		coretest.Eventually(t, "the request is under way", func() bool { return r.Filter("guest").Streams == 1 })
		c.Reset()
		coretest.Eventually(t, "it is told", func() bool { return r.Log.Has("is_error=1") })
	})

	t.Run("a response of a status that is none too good is a response", func(t *testing.T) {
		r := serve(t, guestWith(), says(t, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"))
		if got := r.get("/").Status; got != 500 {
			t.Errorf("status %d", got)
		}
		r.expect("ctx=9", "is_error=0")
	})
}

// TestTraps: an instance that ends is thrown away.
func TestTraps(t *testing.T) {
	count := code(GlobalGet(0), I32(1), Add32, GlobalSet(0)) // of the requests it has begun
	shown := step{code: func(g *guest) Code { return Seq(g.text("count="), GlobalGet(0), I32(0), I32(0), Call(g.report)) }}
	trapAt := func(n int32) step { return code(GlobalGet(0), I32(n), Eq32, If(Unreachable)) }

	t.Run("PW-136 in handle_request", func(t *testing.T) {
		up := echo(t)
		r := serve(t, &guest{request: []step{count, shown, trapAt(2)}}, up)
		for i, want := range []int{200, 503, 200} {
			if i == 2 {
				coretest.Eventually(t, "a fresh instance", func() bool { return r.Filter("guest").Lanes[0].State == "live" })
			}
			if got := r.get("/").Status; got != want {
				t.Errorf("request %d: status %d, want %d", i, got, want)
			}
		}
		lines := r.lines()
		if len(lines) != 4 || lines[0] != "count=1" || lines[1] != "count=2" || lines[3] != "count=1" {
			t.Errorf("%q", lines)
		}
	})

	t.Run("PW-136 in handle_response", func(t *testing.T) {
		r := serve(t, &guest{start: features(bufferResponse), request: []step{count}, response: []step{trapAt(1)}}, echo(t))
		if got := r.get("/").Status; got != 503 {
			t.Errorf("status %d", got)
		}
	})

	t.Run("PW-136 open on error", func(t *testing.T) {
		r := serve(t, &guest{request: []step{do("set_header_value", 0, "x-a", "1"), code(Unreachable)}}, echo(t), `on_error = "open"`)
		if got := r.post("body"); got.Status != 200 || got.Body != "POST / test [body] X-A=1" {
			t.Errorf("%+v", got)
		}
	})

	t.Run("a trap while it waits for the body", func(t *testing.T) {
		r := serve(t, &guest{request: []step{read(0, 2), code(Unreachable)}}, echo(t), `on_error = "open"`)
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n")
		coretest.Eventually(t, "it is there", func() bool { return r.Filter("guest").Streams == 1 })
		c.Send("body")
		if got := c.Read("POST"); got.Status != 200 || got.Body != "POST / test [body]" {
			t.Errorf("%+v", got)
		}
	})

	t.Run("a trap behind a piece that is gone does not let the rest go on", func(t *testing.T) {
		up := echo(t)
		r := serve(t, &guest{request: []step{read(0, 100), read(0, 2), code(Unreachable)}}, up, `on_error = "open"`)
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nDELETE=")
		coretest.Eventually(t, "the piece is read", func() bool { return r.Log.Has("read_body=7 DELETE=") })
		c.Send("1")
		if got := c.Read("POST").Status; got != 503 || up.Connections() > 0 {
			t.Errorf("status %d, %d connections", got, up.Connections())
		}
	})

	t.Run("one that keeps failing is quarantined", func(t *testing.T) {
		r := serve(t, &guest{request: []step{code(Unreachable)}}, echo(t))
		coretest.Eventually(t, "quarantine", func() bool {
			if got := r.get("/").Status; got != 503 {
				t.Fatalf("status %d", got)
			}
			return r.Filter("guest").Quarantined
		})
	})
}

// TestUpgrade: a tunnel goes through a filter, buffering or not, and does not
// keep its instance.
func TestUpgrade(t *testing.T) {
	for name, f := range map[string]int{"without": 0, "with": bufferResponse, "with all features": 7} {
		t.Run(fmt.Sprint("PW-138 ", name, " buffer_response"), func(t *testing.T) {
			t.Parallel()
			up := coretest.Script(t, func(p *coretest.Peer) {
				p.Head()
				p.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
				p.Say("echo " + p.Body(5))
				p.Ended()
			})
			r := serve(t, &guest{start: features(f), answer: next(4), request: []step{imported("read_body")}, response: []step{params, ask("get_status_code")}}, up,
				`instances = 1`, "[wasm]\ninstance_wait = \"0s\"")
			c := coretest.Dial(t, r.Addr("gateway"))
			c.Send("GET / HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
			if got := c.Read("GET").Status; got != 101 {
				t.Fatalf("status %d", got)
			}
			r.expect("ctx=4", "is_error=0", "get_status_code=101")
			if got := r.get("/none-waits").Status; got == 503 {
				t.Error("the tunnel keeps its instance")
			}
			c.Send("hello")
			b := make([]byte, 10)
			if _, err := io.ReadFull(c.R, b); err != nil || string(b) != "echo hello" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}
