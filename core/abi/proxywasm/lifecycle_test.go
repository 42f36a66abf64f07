package proxywasm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/filter"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func TestLifeCycle(t *testing.T) {
	traced := func() *script {
		s := newScript()
		s.trace = true
		return s.on("on_context_create").on("on_log").on("on_done").on("on_delete")
	}
	ends := func(id string) []string {
		return []string{"on_log(" + id + ")", "on_done(" + id + ")", "on_delete(" + id + ")"}
	}
	t.Run("PW-032, PW-033 one context a stream, created first and deleted last, whatever happens", func(t *testing.T) {
		for name, c := range map[string]struct {
			x     exchange
			steps []step
			want  []string
		}{
			"a plain stream":    {exchange{}, nil, []string{"on_request_headers(2,4,1)"}},
			"a local reply":     {exchange{}, []step{quiet("proxy_send_local_response", 403, "", "", "", -1)}, []string{"on_request_headers(2,4,1)"}},
			"a stream cut":      {exchange{}, []step{quiet("proxy_close_stream", 0)}, []string{"on_request_headers(2,4,1)"}},
			"a pause for good":  {exchange{wait: time.Millisecond}, []step{ret(1)}, []string{"on_request_headers(2,4,1)"}},
			"an upstream error": {exchange{status: 503}, nil, []string{"on_request_headers(2,4,1)"}},
		} {
			t.Run(name, func(t *testing.T) {
				h := newHost(t)
				f := h.load(traced().on("on_request_headers", c.steps...))
				c.x.run(f)
				h.expect(append(append([]string{"on_context_create(1,0)", "on_context_create(2,1)"}, c.want...), ends("2")...)...)
			})
		}
	})
	t.Run("PW-032 ids are not used again", func(t *testing.T) {
		h := newHost(t)
		f := h.load(traced())
		h.log.take()
		for _, id := range []string{"2", "3", "4"} {
			(&exchange{}).run(f)
			h.expect(append([]string{"on_context_create(" + id + ",1)"}, ends(id)...)...)
		}
	})
	t.Run("PW-033 the chain logs first, then each filter ends, in the request's order", func(t *testing.T) {
		h := newHost(t)
		a, b := h.load(traced(), named("a")), h.load(traced(), named("b"))
		h.log.take()
		(&exchange{}).run(a, b)
		h.expect("on_context_create(3,1)", "on_log(3)", "on_context_create(4,2)", "on_log(4)",
			"on_done(3)", "on_delete(3)", "on_done(4)", "on_delete(4)")
	})
	t.Run("PW-033 on_done = false of a stream has no meaning", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_done", when(0, 2, ret(0))).on("on_delete", call("proxy_done")))
		(&exchange{}).run(f)
		h.expect("on_done(2)", "on_delete(2)", "done=1")
	})
	t.Run("PW-034 on_log sees both heads, PW-073 all of the response's fields", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_log", get(0, "x-q"), get(2, "server"), all(2)))
		(&exchange{headers: []string{"x-q: 1"}, responseHeaders: []string{"server: s", "date: d"}}).run(f)
		h.expect("get_header_map_value=0 1", "get_header_map_value=0 s", "get_header_map_pairs=0 "+hexOf(pairs(":status", "200", "server", "s", "date", "d")))
	})
	t.Run("PW-007 a module without a memory", func(t *testing.T) {
		m := New()
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", I32(0))
		m.Func("proxy_on_request_headers", "iii:i", I32(0))
		f, err := newHost(t).tryCode(m.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("PW-119 the memory grows between callbacks", func(t *testing.T) {
		h := newHost(t)
		grow := stepFunc(func(*script) Code { return Seq(I32(4), MemoryGrow, Drop) })
		f := h.load(newScript().on("on_request_headers", get(0, ":path"), grow, get(0, ":path")).on("on_response_headers", grow, get(2, ":status")))
		(&exchange{}).run(f)
		h.expect("get_header_map_value=0 /", "get_header_map_value=0 /", "get_header_map_value=0 200")
	})
	t.Run("PW-101 a call that timed out, PW-106 a large answer", func(t *testing.T) {
		h := newHost(t)
		big := strings.Repeat("x", 300<<10)
		s := newScript()
		f := h.load(s.on("on_request_headers", save(0, 0), httpCall(), ret(1)).
			on("on_http_call_response", get(6, ":status"), call("proxy_get_status", outWord{}, outBytes{}),
				call("proxy_get_buffer_status", 4, outWord{}, 40), call("proxy_get_buffer_bytes", 4, len(big)-3, -1, outBytes{}),
				quiet("proxy_set_effective_context", cell(0)), quiet("proxy_continue_stream", 0)), calling)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(504, "upstream request timeout") }
		(&exchange{}).run(f)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, big) }
		(&exchange{}).run(f)
		h.expect("http_call=0 1", "get_header_map_value=0 504", "get_status=0 0 ", "get_buffer_status=0 24", "get_buffer_bytes=0 ",
			"http_call=0 2", "get_header_map_value=0 200", "get_status=0 0 ", "get_buffer_status=0 307200", "get_buffer_bytes=0 xxx")
	})
	t.Run("PW-108 an answer that is there at once comes after the callback", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		f := h.load(newScript().on("on_request_headers", save(0, 0), httpCall(), say("still in it"), ret(1)).
			on("on_http_call_response", say("answer"), quiet("proxy_set_effective_context", cell(0)), quiet("proxy_continue_stream", 0)), calling)
		(&exchange{}).run(f)
		h.expect("http_call=0 1", "still in it", "answer")
	})
}
