package proxywasm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

func TestCallRefused(t *testing.T) {
	head := []string{":method", "GET", ":path", "/", ":authority", "a"}
	plain := func(cluster, headers string, timeout int) step {
		return call("proxy_http_call", cluster, headers, "", "", timeout, outWord{})
	}
	for name, c := range map[string]struct {
		step step
		err  error
		want string
	}{
		"PW-107 a cluster that is not listed":  {plain("other", pairs(head...), 0), nil, "http_call=2 1"},
		"PW-099 a cluster that does not exist": {plain("missing", pairs(head...), 0), filter.ErrNoCluster, "http_call=2 1"},
		"PW-100 no endpoint":                   {plain("auth", pairs(head...), 0), filter.ErrNoEndpoint, "http_call=10 1"},
		"PW-099 no :method":                    {plain("auth", pairs(":path", "/", ":authority", "a"), 0), nil, "http_call=2 1"},
		"PW-099 no :path":                      {plain("auth", pairs(":method", "GET", "host", "a"), 0), nil, "http_call=2 1"},
		"PW-099 no :authority":                 {plain("auth", pairs(":method", "GET", ":path", "/"), 0), nil, "http_call=2 1"},
		"a negative timeout":                   {plain("auth", pairs(head...), -1), nil, "http_call=2 1"},
		"a malformed map":                      {plain("auth", "\x01", 0), nil, "http_call=2 1"},
		"malformed trailers":                   {call("proxy_http_call", "auth", pairs(head...), "", "\x01", 0, outWord{}), nil, "http_call=2 1"},
		"CR LF in a header":                    {plain("auth", pairs(append(head, "a", "b\r\nc: d")...), 0), nil, "http_call=10 1"},
		"CR LF in a trailer":                   {call("proxy_http_call", "auth", pairs(head...), "", pairs("a", "\n"), 0, outWord{}), nil, "http_call=10 1"},
		"a path that is none":                  {plain("auth", pairs(":method", "GET", ":path", "x", ":authority", "a"), 0), nil, "http_call=10 1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			h.caller.err = c.err
			f := h.load(newScript().on("on_request_headers", c.step).on("on_http_call_response", say("never")), calling)
			(&exchange{}).run(f)
			lines := h.log.take()
			if got := lines[len(lines)-1]; got != c.want {
				t.Errorf("lines %q, want the last %q", lines, c.want)
			}
			if h.caller.count() != 0 {
				t.Error("the call was made")
			}
		})
	}
}

func TestCall(t *testing.T) {
	t.Run("what is asked, and PW-102 what can be read of the answer", func(t *testing.T) {
		h := newHost(t)
		r := answer(201, "answer", "x-a: 1", "x-a: 2")
		r.Trailers = fields(new(stream.Headers), []string{"t: 9"})
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return r }
		s := newScript()
		s.trace = true
		f := h.load(s.
			on("on_request_headers", get(6, ":status"), save(0, 0),
				call("proxy_http_call", "auth", pairs("X-Q", "q", ":method", "POST", ":path", "/check?a", "host", "auth.example", ":scheme", "https"),
					"question", pairs("t", "1"), 1500, outWord{}), ret(1)).
			on("on_http_call_response",
				get(6, ":status"), get(6, "X-A"), get(7, "t"), get(6, "none"), all(6), all(7), size(6), set(6, "a", "b"), del(7, "t"), setAll(6),
				body(4), call("proxy_get_buffer_bytes", 4, 2, 3, outBytes{}), splice(4, 0, 0, "x"), call("proxy_get_status", outWord{}, 40, 44),
				quiet("proxy_set_effective_context", cell(0)), body(4), quiet("proxy_continue_stream", 0)).
			on("on_response_headers", get(6, ":status"), body(4), splice(4, 0, 0, "x")), calling)
		(&exchange{}).run(f)
		q := h.caller.requests[0]
		if got := string(q.Head.Method) + " " + string(q.Head.Scheme) + " " + string(q.Head.Authority) + " " + string(q.Head.Path); got != "POST https auth.example /check?a" {
			t.Errorf("head %q", got)
		}
		if v := q.Head.Headers.Peek("x-q"); string(v) != "q" || string(q.Body) != "question" || string(q.Trailers.Peek("t")) != "1" ||
			q.Timeout != 1500*time.Millisecond || q.Cluster != "auth" || q.MaxBody <= 0 {
			t.Errorf("request %+v", q)
		}
		h.expect("on_request_headers(2,4,1)", "get_header_map_value=2 ", "http_call=0 1",
			"on_http_call_response(1,1,3,6,1)", "get_header_map_value=0 201", "get_header_map_value=0 1", "get_header_map_value=0 9",
			"get_header_map_value=1 ", "get_header_map_pairs=0 "+hexOf(pairs(":status", "201", "x-a", "1", "x-a", "2")),
			"get_header_map_pairs=0 "+hexOf(pairs("t", "9")), "get_header_map_size=2 0", "replace_header_map_value=2", "remove_header_map_value=2",
			"set_header_map_pairs=2", "get_buffer_bytes=0 answer", "get_buffer_bytes=0 swe", "set_buffer_bytes=2", "get_status=0 0", "get_buffer_bytes=0 answer",
			"on_response_headers(2,1,1)", "get_header_map_value=2 ", "get_buffer_bytes=1 ", "set_buffer_bytes=1")
	})
	t.Run("PW-100 a call that broke", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return &filter.CallResponse{Reset: true} }
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers", save(0, 0), httpCall(), ret(1)).
			on("on_http_call_response", call("proxy_get_status", outWord{}, outBytes{}), body(4), get(6, ":status"), all(6),
				quiet("proxy_set_effective_context", cell(0)), quiet("proxy_continue_stream", 0)).
			on("on_response_headers", call("proxy_get_status", outWord{}, outBytes{})), calling)
		(&exchange{}).run(f)
		h.expect("on_request_headers(2,4,1)", "http_call=0 1", "on_http_call_response(1,1,0,0,0)", "get_status=0 11 reset", "get_buffer_bytes=1 ",
			"get_header_map_value=1 ", "get_header_map_pairs=0 ", "on_response_headers(2,1,1)", "get_status=0 11 ")
	})
	t.Run("PW-103 two at once, in either order; PW-104 one from a callback", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers", save(0, 0), httpCall(), httpCall(), ret(1)).
			on("on_http_call_response", when(1, 1, quiet("proxy_set_effective_context", cell(0)), httpCall()),
				when(1, 3, quiet("proxy_set_effective_context", cell(0)), quiet("proxy_continue_stream", 0))), calling)
		x := exchange{paused: func() {
			h.caller.finish(1, answer(200, ""))
			h.caller.finish(0, answer(200, ""))
			h.caller.finish(2, answer(200, ""))
		}}
		if o := x.run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_request_headers(2,4,1)", "http_call=0 1", "http_call=0 2", "on_http_call_response(1,2,1,0,0)",
			"on_http_call_response(1,1,1,0,0)", "http_call=0 3", "on_http_call_response(1,3,1,0,0)")
	})
	t.Run("PW-105 from a tick, and from the configuration", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		s := newScript()
		s.trace = true
		h.load(s.on("on_configure", httpCall(), quiet("proxy_set_tick_period_milliseconds", 1)).
			on("on_tick", httpCall(), quiet("proxy_set_tick_period_milliseconds", 0)).on("on_http_call_response"), calling, ticking)
		h.wait("on_http_call_response(1,1,1,0,0)")
		h.wait("on_http_call_response(1,2,1,0,0)")
	})
	t.Run("calls in flight are bounded, for each stream", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", httpCall(), httpCall(), httpCall()).on("on_http_call_response"), calling,
			func(s *proxywasm.Spec) { s.MaxCalls = 2 })
		(&exchange{}).run(f)
		h.expect("http_call=0 1", "http_call=0 2", "http_call=10 3")
		(&exchange{}).run(f)
		h.expect("http_call=0 3", "http_call=0 4", "http_call=10 5")
	})
	t.Run("the death of the instance cancels its calls", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", httpCall(), trap).on("on_http_call_response", say("never")), calling)
		(&exchange{}).run(f)
		<-h.caller.canceled
		h.caller.finish(0, answer(200, ""))
		if strings.Contains(strings.Join(h.lines(), "\n"), "never") {
			t.Errorf("lines %q", h.lines())
		}
	})
	t.Run("a call from on_log", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_log", httpCall()).on("on_http_call_response"), calling)
		(&exchange{}).run(f)
		h.caller.finish(0, answer(204, ""))
		h.expect("on_log(2)", "http_call=0 1", "on_http_call_response(1,1,1,0,0)")
	})
	t.Run("an answer whose stream is never free comes nevertheless", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		f := h.load(newScript().on("on_request_headers", save(0, 0), httpCall(), ret(1)).
			on("on_http_call_response", call("proxy_set_effective_context", cell(0)), get(0, ":path"), get(6, ":status")), calling)
		x := exchange{}
		x.begin(chain.New([]chain.Link{{Filter: f}}, 1<<20))
		x.st.Head(filter.Request, true) // its owner keeps it
		h.wait("get_header_map_value=0 200")
		h.expect("http_call=0 1", "set_effective_context=0", "get_header_map_value=2 ", "get_header_map_value=0 200")
		var o outcome
		x.finish(&o)
	})
}
