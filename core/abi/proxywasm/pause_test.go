package proxywasm_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// httpCall calls proxy_http_call of the cluster "auth".
func httpCall(headers ...string) step {
	if headers == nil {
		headers = []string{":method", "GET", ":path", "/check", ":authority", "auth"}
	}
	return call("proxy_http_call", "auth", pairs(headers...), "question", "", 1000, outWord{})
}

func calling(s *proxywasm.Spec) { s.Calls = []string{"auth", "missing"} }

func answer(status int, body string, headers ...string) *filter.CallResponse {
	h := &stream.ResponseHead{Status: status}
	fields(&h.Headers, headers)
	return &filter.CallResponse{Head: h, Body: []byte(body)}
}

func ticking(s *proxywasm.Spec) { s.MinTick = time.Millisecond }

// resumers are the ways in which a pause ends. Each needs steps where the
// filter pauses, and a callback that goes on with others.
var resumers = map[string]struct {
	ask  []step
	root string // the callback that ends the pause
}{
	"call":  {[]step{quiet("proxy_http_call", "auth", pairs(":method", "GET", ":path", "/", ":authority", "a"), "", "", 0, outWord{})}, "on_http_call_response"},
	"tick":  {[]step{quiet("proxy_set_tick_period_milliseconds", 1)}, "on_tick"},
	"queue": {[]step{quiet("proxy_enqueue_shared_queue", 1, "item")}, "on_queue_ready"},
}

func TestPauseAndResume(t *testing.T) {
	plain := exchange{body: []string{"ab", "cd"}, responseBody: []string{"ef", "gh"}}
	trailed := exchange{body: []string{"abcd"}, trailers: []string{"t: 1"}, responseBody: []string{"efgh"}, responseTrailers: []string{"u: 1"}}
	for _, p := range []struct {
		callback  string
		direction int
		x         exchange
		once      func(...step) step // where it pauses
		up, down  string
	}{
		{"on_request_headers", 0, plain, always, "GET / a.example|>ab|>cd", "200|>ef|>gh"},
		{"on_request_body", 0, plain, last, "GET / a.example|>ab|>cd", "200|>ef|>gh"},
		{"on_request_trailers", 0, trailed, always, "GET / a.example|>abcd|trailers|t: 1", "200|>efgh|trailers|u: 1"},
		{"on_response_headers", 1, plain, always, "GET / a.example|>ab|>cd", "200|>ef|>gh"},
		{"on_response_body", 1, plain, last, "GET / a.example|>ab|>cd", "200|>ef|>gh"},
		{"on_response_trailers", 1, trailed, always, "GET / a.example|>abcd|trailers|t: 1", "200|>efgh|trailers|u: 1"},
	} {
		for how, r := range resumers {
			t.Run("PW-094 "+p.callback+" by "+how, func(t *testing.T) {
				h := newHost(t)
				h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "yes") }
				pause := append([]step{}, r.ask...)
				pause = append(pause, save(0, 0), count(1), ret(1))
				f := h.load(newScript().
					on("on_configure", quiet("proxy_register_shared_queue", "q", outWord{})).
					on(p.callback, unless(1, 1, p.once(pause...))).
					on(r.root, unless(0, 0,
						quiet("proxy_set_tick_period_milliseconds", 0),
						call("proxy_set_effective_context", cell(0)),
						call("proxy_continue_stream", p.direction))), calling, ticking)
				x := p.x
				o := x.run(f)
				if o.upstream != p.up {
					t.Errorf("upstream got %q, want %q", o.upstream, p.up)
				}
				if o.downstream != p.down {
					t.Errorf("downstream got %q, want %q", o.downstream, p.down)
				}
				h.expect("set_effective_context=0", "continue_stream=0")
			})
		}
	}
}

// always and last say in which callbacks steps run.
func always(steps ...step) step {
	return stepFunc(func(s *script) Code { return s.all(steps) })
}

func last(steps ...step) step { return when(2, 1, steps...) }

func TestPause(t *testing.T) {
	t.Run("PW-091 an answer from a call's callback", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(401, "", "x-why: token") }
		f := h.load(newScript().
			on("on_request_headers", save(0, 0), httpCall(), ret(1)).
			on("on_http_call_response", get(6, ":status"), get(6, "x-why"), call("proxy_set_effective_context", cell(0)),
				get(6, "x-why"), get(0, ":path"), set(0, "x-late", "1"), reply(401, "", "go away"), call("proxy_continue_stream", 0)), calling)
		o := (&exchange{}).run(f)
		if o.downstream != "401|content-type: text/plain|content-length: 7|>go away" || o.upstream != "" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("http_call=0 1", "get_header_map_value=0 401", "get_header_map_value=0 token", "set_effective_context=0",
			"get_header_map_value=0 token", "get_header_map_value=0 /", "replace_header_map_value=0", "send_local_response=0", "continue_stream=0")
	})
	t.Run("an answer on the root is refused", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		f := h.load(newScript().
			on("on_request_headers", save(0, 0), httpCall(), ret(1)).
			on("on_http_call_response", reply(401, "", ""), call("proxy_set_effective_context", 0), reply(401, "", ""), get(0, "a"),
				call("proxy_set_effective_context", cell(0)), call("proxy_continue_stream", 0)), calling)
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("http_call=0 1", "send_local_response=2", "set_effective_context=0", "send_local_response=2", "get_header_map_value=2 ",
			"set_effective_context=0", "continue_stream=0")
	})
	t.Run("PW-095 a body that comes during a pause at the head", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers", save(0, 0), httpCall(), ret(1)).on("on_request_body").
			on("on_http_call_response", quiet("proxy_set_effective_context", cell(0)), body(0), quiet("proxy_continue_stream", 0)), calling)
		x := exchange{body: []string{"ab", "cd"}}
		x.paused = func() { h.caller.finish(0, answer(200, "ok")) }
		if o := x.run(f); o.upstream != "GET / a.example|>ab|>cd" {
			t.Errorf("upstream %q", o.upstream)
		}
		h.expect("on_request_headers(2,4,0)", "http_call=0 1", "on_http_call_response(1,1,1,2,0)", "get_buffer_bytes=0 ",
			"on_request_body(2,2,0)", "on_request_body(2,2,1)")
	})
	t.Run("PW-075 a response that waits at its head", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_response_headers", save(0, 0), httpCall(), ret(1)).on("on_response_body").
			on("on_http_call_response", quiet("proxy_set_effective_context", cell(0)), get(2, ":status"), set(2, "x-late", "1"), body(1), quiet("proxy_continue_stream", 1)), calling)
		x := exchange{responseBody: []string{"ab", "cd"}}
		x.paused = func() { h.caller.finish(0, answer(200, "ok")) }
		if o := x.run(f); o.downstream != "200|x-late: 1|>ab|>cd" {
			t.Errorf("downstream %q", o.downstream)
		}
		h.expect("on_response_headers(2,1,0)", "http_call=0 1", "on_http_call_response(1,1,1,2,0)", "get_header_map_value=0 200", "replace_header_map_value=0", "get_buffer_bytes=0 ",
			"on_response_body(2,2,0)", "on_response_body(2,2,1)")
	})
	t.Run("PW-096 the stream ends during the pause, the answer comes later", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers", save(0, 0), httpCall(), ret(1)).on("on_log").on("on_done").on("on_delete").
			on("on_http_call_response", call("proxy_set_effective_context", cell(0)), call("proxy_continue_stream", 0)), calling)
		x := exchange{wait: time.Millisecond}
		if o := x.run(f); !o.timeout {
			t.Errorf("outcome %+v", o)
		}
		h.caller.finish(0, answer(200, ""))
		h.expect("on_request_headers(2,4,1)", "http_call=0 1", "on_log(2)", "on_done(2)", "on_delete(2)",
			"on_http_call_response(1,1,1,0,0)", "set_effective_context=2", "continue_stream=0")
	})
	t.Run("PW-098 continue where nothing pauses, twice", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", call("proxy_continue_stream", 1), call("proxy_continue_stream", 1)))
		if o := (&exchange{responseBody: []string{"a"}}).run(f); o.downstream != "200|>a" {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("PW-035 two streams interleaved in one instance", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_context_create").
			on("on_request_headers", when(0, 2, save(0, 0), httpCall(), ret(1)), get(0, ":path")).
			on("on_http_call_response", call("proxy_set_effective_context", cell(0)), get(0, ":path"), quiet("proxy_continue_stream", 0)).
			on("on_response_headers", get(0, ":path")).on("on_log").on("on_delete"), calling)
		x := exchange{head: "GET /one a"}
		x.paused = func() {
			(&exchange{head: "GET /two a"}).run(f)
			h.caller.finish(0, answer(200, ""))
		}
		x.run(f)
		h.expect("on_context_create(1,0)",
			"on_context_create(2,1)", "on_request_headers(2,4,1)", "http_call=0 1",
			"on_context_create(3,1)", "on_request_headers(3,4,1)", "get_header_map_value=0 /two", "on_response_headers(3,1,1)",
			"get_header_map_value=0 /two", "on_log(3)", "on_delete(3)",
			"on_http_call_response(1,1,1,0,0)", "set_effective_context=0", "get_header_map_value=0 /one",
			"on_response_headers(2,1,1)", "get_header_map_value=0 /one", "on_log(2)", "on_delete(2)")
	})
	t.Run("PW-038 effective contexts", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().
			on("on_request_headers", call("proxy_set_effective_context", 99), get(0, ":path"),
				call("proxy_set_effective_context", 1), get(0, ":path"), call("proxy_get_property", "plugin_name", outBytes{}),
				call("proxy_set_effective_context", param(0)), get(0, ":path"),
				quiet("proxy_set_effective_context", 1), call("proxy_set_effective_context", 0), get(0, ":path"), quiet("proxy_set_effective_context", 1)).
			on("on_response_headers", get(0, ":path")))
		(&exchange{}).run(f)
		h.expect("set_effective_context=2", "get_header_map_value=0 /", "set_effective_context=0", "get_header_map_value=2 ", "get_property=0 f",
			"set_effective_context=0", "get_header_map_value=0 /", "set_effective_context=0", "get_header_map_value=0 /", "get_header_map_value=0 /")
	})
	t.Run("PW-097 nothing ends the pause", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", ret(1)).on("on_log", say("log")))
		if o := (&exchange{wait: time.Millisecond}).run(f); !o.timeout {
			t.Errorf("outcome %+v", o)
		}
		h.expect("log")
	})
	t.Run("a stream whose owner is at work: what is asked of it waits", func(t *testing.T) {
		for name, c := range map[string]struct {
			ask  step
			line string
			want chain.Verdict
		}{
			"continue": {call("proxy_continue_stream", 0), "continue_stream=0", chain.Passed},
			"reply":    {reply(403, "d", "no", "x-a", "1"), "send_local_response=0", chain.Replied},
			"close":    {call("proxy_close_stream", 0), "close_stream=0", chain.Cut},
		} {
			t.Run(name, func(t *testing.T) {
				h := newHost(t)
				f := h.load(newScript().on("on_request_headers", save(0, 0), tick(1), ret(1)).
					on("on_tick", tick(0), call("proxy_set_effective_context", cell(0)), get(0, ":path"), set(0, "a", "b"),
						call("proxy_get_property", "request\x00path", outBytes{}), c.ask), ticking)
				x := exchange{}
				x.begin(chain.New([]chain.Link{{Filter: f}}, 1<<20))
				x.st.Head(filter.Request, true) // and the owner goes on working: it keeps the stream
				h.wait(c.line)
				h.expect("set_effective_context=0", "get_header_map_value=2 ", "replace_header_map_value=2", "get_property=1 ", c.line)
				for !x.st.Resumed(filter.Request) && !x.st.Stopped() && x.st.Wait(filter.Request, 5*time.Second) {
				}
				if v := x.st.Flow(filter.Request); v != c.want {
					t.Errorf("verdict %v, want %v", v, c.want)
				}
				if c.want == chain.Replied {
					if b := x.st.TakeReply(); string(b) != "no" || x.st.Response().Status != 403 || string(x.st.Response().Headers.Peek("x-a")) != "1" {
						t.Errorf("reply %q, %+v", b, x.st.Response())
					}
				}
				var o outcome
				x.finish(&o)
			})
		}
	})
}
