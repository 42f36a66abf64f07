package proxywasm_test

import (
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/filter"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// Versions differ in what a missing field answers, nothing else: callbacks are
// called by their types, and every guest gets every function.

func TestCallbacksByType(t *testing.T) {
	for _, marker := range []string{"0_1_0", "0_2_0", "0_2_1"} {
		for _, shape := range []string{"ii:i", "iii:i"} {
			t.Run(fmt.Sprintf("PW-012 %s in %s", shape, marker), func(t *testing.T) {
				h := newHost(t)
				s := newScript()
				s.marker, s.trace = "proxy_abi_version_"+marker, true
				s.shapes = map[string]string{"on_request_headers": shape, "on_response_headers": shape}
				f := h.load(s.on("on_request_headers").on("on_response_headers"))
				(&exchange{responseBody: []string{"x"}}).run(f)
				if shape == "ii:i" {
					h.expect("on_request_headers(2,4)", "on_response_headers(2,1)")
				} else {
					h.expect("on_request_headers(2,4,1)", "on_response_headers(2,1,0)")
				}
			})
		}
	}
}

func TestVersion010(t *testing.T) {
	t.Run("PW-044 a missing field is empty", func(t *testing.T) {
		h := newHost(t)
		f := h.load(oldScript().on("on_request_headers", get(0, "x-no"), get(0, "x-a"), get(0, ":status"), get(2, "x-no"), get(9, "a"),
			call("proxy_get_header_map_value", 0, "x-no", -4, cellSize), call("proxy_get_header_map_value", 0, "x-no", cellData, -4)).
			on("on_response_headers", get(2, "x-no"), del(2, ":status"), get(2, ":status"), set(2, ":status", "204")).
			on("on_log", get(1, "t"), get(3, "t")))
		(&exchange{headers: []string{"x-a: 1"}}).run(f)
		h.expect("get_header_map_value=0 ", "get_header_map_value=0 1", "get_header_map_value=0 ", "get_header_map_value=2 ", "get_header_map_value=2 ",
			"get_header_map_value=6", "get_header_map_value=6",
			"get_header_map_value=0 ", "remove_header_map_value=0", "get_header_map_value=0 ", "replace_header_map_value=0",
			"get_header_map_value=0 ", "get_header_map_value=0 ")
	})
	config := call("proxy_get_configuration", outBytes{})
	for name, s := range map[string]*script{"0.1.0": oldScript(), "0.2.1": newScript()} {
		t.Run("get_configuration in "+name, func(t *testing.T) {
			h := newHost(t)
			f := h.load(s.on("on_vm_start", config).on("on_configure", config, call("proxy_get_configuration", cellData, -4), call("proxy_get_configuration", -4, cellSize)).
				on("on_request_headers", config).on("on_log", config),
				func(s *proxywasm.Spec) { s.Config, s.VMConfig = []byte("plugin"), []byte("vm") })
			(&exchange{}).run(f)
			h.expect("get_configuration=0 vm", "get_configuration=0 plugin", "get_configuration=6", "get_configuration=6", "get_configuration=0 vm", "get_configuration=0 vm")
		})
		t.Run("no configuration in "+name, func(t *testing.T) {
			h := newHost(t)
			h.load(newScript().on("on_configure", config))
			h.expect("get_configuration=0 ")
		})
	}
	t.Run("continue_request and continue_response end pauses, clear_route_cache", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		f := h.load(oldScript().
			on("on_request_headers", save(0, 0), httpCall(), call("proxy_clear_route_cache"), ret(1)).
			on("on_response_headers", httpCall(), ret(1)).
			on("on_http_call_response", quiet("proxy_set_effective_context", cell(0)),
				when(1, 1, call("proxy_continue_response"), call("proxy_continue_request")),
				when(1, 2, call("proxy_continue_response"))), calling)
		x := exchange{body: []string{"a"}, responseBody: []string{"b"}}
		if o := x.run(f); o.upstream != "GET / a.example|>a" || o.downstream != "200|>b" || !x.rerouted {
			t.Errorf("outcome %+v, rerouted %t", o, x.rerouted)
		}
		h.expect("http_call=0 1", "clear_route_cache=0", "continue_response=0", "continue_request=0", "http_call=0 2", "continue_response=0")
	})
	t.Run("where nothing pauses, on a root and in on_log they have no effect", func(t *testing.T) {
		h := newHost(t)
		all := []step{call("proxy_continue_request"), call("proxy_continue_response"), call("proxy_clear_route_cache")}
		f := h.load(oldScript().on("on_configure", all...).on("on_request_headers", all[:2]...).on("on_log", all...))
		x := exchange{}
		if o := x.run(f); o.downstream != "200" || x.rerouted {
			t.Errorf("outcome %+v, rerouted %t", o, x.rerouted)
		}
		h.expect("continue_request=0", "continue_response=0", "clear_route_cache=0", "continue_request=0", "continue_response=0",
			"continue_request=0", "continue_response=0", "clear_route_cache=0")
	})
	t.Run("without a status, as the specification has them", func(t *testing.T) {
		h := newHost(t)
		m := New()
		request, response := m.Import("env", "proxy_continue_request", ""), m.Import("env", "proxy_continue_response", "")
		route := m.Import("env", "proxy_clear_route_cache", "")
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_1_0", "")
		m.Func("malloc", "i:i", I32(64))
		m.Func("proxy_on_request_headers", "ii:i", Call(route), Call(request), I32(1))
		m.Func("proxy_on_response_headers", "ii:i", Call(response), I32(1))
		f, err := h.tryCode(m.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		x := exchange{}
		if o := x.run(f); o.downstream != "200" || !x.rerouted {
			t.Errorf("outcome %+v, rerouted %t", o, x.rerouted)
		}
	})
	t.Run("a function with parameters has a status", func(t *testing.T) {
		m := New()
		m.Import("env", "proxy_continue_stream", "i")
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", I32(64))
		refusedCode(t, m.Bytes(), "proxy_continue_stream")
	})
}
