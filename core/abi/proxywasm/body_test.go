package proxywasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func body(b int) step { return call("proxy_get_buffer_bytes", b, 0, -1, outBytes{}) }
func splice(b, start, size int, data string) step {
	return call("proxy_set_buffer_bytes", b, start, size, data)
}

func buffering(s *proxywasm.Spec) { s.BufferOnPause = true }

func TestBody(t *testing.T) {
	for name, c := range map[string]struct {
		x     exchange
		s     *script
		edit  func(*proxywasm.Spec)
		trace bool
		want  []string
		up    string
		down  string
	}{
		"PW-059 no body, no callback": {
			s: newScript().on("on_request_body", say("body")).on("on_response_body", say("body")), up: "GET / a.example", down: "200",
		},
		"PW-060 pieces pass by": {
			x: exchange{body: []string{"ab", "cde", ""}}, trace: true,
			s:    newScript().on("on_request_body", body(0)),
			want: []string{"on_request_body(2,2,0)", "get_buffer_bytes=0 ab", "on_request_body(2,3,0)", "get_buffer_bytes=0 cde", "on_request_body(2,0,1)", "get_buffer_bytes=0 "},
			up:   "GET / a.example|>ab|>cde",
		},
		"PW-061 PAUSE collects, PW-062 CONTINUE lets all go": {
			x: exchange{body: []string{"ab", "cde", "f"}}, trace: true,
			s:    newScript().on("on_request_body", body(0), when(2, 0, ret(1))),
			want: []string{"on_request_body(2,2,0)", "get_buffer_bytes=0 ab", "on_request_body(2,5,0)", "get_buffer_bytes=0 abcde", "on_request_body(2,6,1)", "get_buffer_bytes=0 abcdef"},
			up:   "GET / a.example|>abcdef",
		},
		"PW-063 slices": {
			x: exchange{body: []string{"abcdef"}},
			s: newScript().on("on_request_body",
				call("proxy_get_buffer_bytes", 0, 1, 3, outBytes{}), call("proxy_get_buffer_bytes", 0, 4, 9, outBytes{}),
				call("proxy_get_buffer_bytes", 0, 6, 1, outBytes{}), call("proxy_get_buffer_bytes", 0, -1, -1, outBytes{}),
				call("proxy_get_buffer_bytes", 0, 0, 0, outBytes{}), call("proxy_get_buffer_bytes", 0, 2, 0x7fffffff, outBytes{}),
				call("proxy_get_buffer_bytes", 9, 0, 1, outBytes{}), call("proxy_get_buffer_bytes", 1, 0, 9, outBytes{}),
				call("proxy_get_buffer_bytes", 2, 0, 9, outBytes{}), call("proxy_get_buffer_bytes", 4, 0, 9, outBytes{}),
				call("proxy_get_buffer_status", 0, outWord{}, 40), call("proxy_get_buffer_status", 9, outWord{}, 40),
				call("proxy_get_buffer_bytes", 0, 0, 9, 0, 0)),
			want: []string{"get_buffer_bytes=0 bcd", "get_buffer_bytes=0 ef", "get_buffer_bytes=0 ", "get_buffer_bytes=0 ", "get_buffer_bytes=0 ",
				"get_buffer_bytes=0 cdef", "get_buffer_bytes=2 ", "get_buffer_bytes=0 ", "get_buffer_bytes=0 ", "get_buffer_bytes=1 ",
				"get_buffer_status=0 6", "get_buffer_status=2 0", "get_buffer_bytes=0"},
		},
		"PW-064 prepend, append, replace": {
			x:    exchange{body: []string{"abc"}},
			s:    newScript().on("on_request_body", splice(0, 0, 0, "<"), splice(0, 0x7fffffff, 0, ">"), splice(0, 0, 1, "[["), splice(0, 2, 1, "no"), body(0), splice(0, 6, 9, "!"), splice(1, 0, 0, "x"), splice(3, 0, 0, "x"), splice(4, 0, 0, "x"), splice(9, 0, 0, "x")),
			want: []string{"set_buffer_bytes=0", "set_buffer_bytes=0", "set_buffer_bytes=0", "set_buffer_bytes=2", "get_buffer_bytes=0 [[abc>", "set_buffer_bytes=0", "set_buffer_bytes=2", "set_buffer_bytes=2", "set_buffer_bytes=1", "set_buffer_bytes=2"},
			up:   "GET / a.example|>[[abc>!",
		},
		"PW-064 replace all, PW-065 twice": {
			x:    exchange{body: []string{"abc"}},
			s:    newScript().on("on_request_body", splice(0, 0, -1, "first"), splice(0, 0, 0x7fffffff, "second")),
			want: []string{"set_buffer_bytes=0", "set_buffer_bytes=0"}, up: "GET / a.example|>second",
		},
		"PW-064 remove all": {
			x: exchange{body: []string{"abc"}}, s: newScript().on("on_request_body", splice(0, 0, -1, "")),
			want: []string{"set_buffer_bytes=0"}, up: "GET / a.example",
		},
		"PW-068 bodies outside their phase": {
			x:    exchange{body: []string{"abc"}},
			s:    newScript().on("on_request_headers", body(0), splice(0, 0, 0, "x")).on("on_response_headers", body(0), body(1)).on("on_log", body(0)),
			want: []string{"get_buffer_bytes=0 ", "set_buffer_bytes=2", "get_buffer_bytes=0 ", "get_buffer_bytes=0 ", "get_buffer_bytes=0 "},
		},
		"a data action of 3 drops the piece": {
			x: exchange{body: []string{"ab", "cd"}}, s: newScript().on("on_request_body", when(2, 0, ret(3))), up: "GET / a.example|>cd",
		},
		"a data action of 2 holds": {
			x: exchange{body: []string{"ab", "cd"}}, s: newScript().on("on_request_body", when(2, 0, ret(2))), up: "GET / a.example|>abcd",
		},
		"PW-070 trailers may be added in the last body callback": {
			x: exchange{body: []string{"ab", "cd"}},
			s: newScript().on("on_request_body", add(1, "t", "1"), get(1, "t"), del(1, "none"), add(3, "t", "1"), add(1, "t", "\n")).
				on("on_request_trailers", say("never")),
			want: []string{"add_header_map_value=2", "get_header_map_value=2 ", "remove_header_map_value=2", "add_header_map_value=2", "add_header_map_value=2",
				"add_header_map_value=0", "get_header_map_value=0 1", "remove_header_map_value=0", "add_header_map_value=2", "add_header_map_value=2"},
			up: "GET / a.example|>ab|>cd|trailers|t: 1",
		},
		"trailers of the message, and the body held before them": {
			x: exchange{body: []string{"ab"}, trailers: []string{"t: 1"}}, trace: true,
			s: newScript().on("on_request_body", ret(1)).
				on("on_request_trailers", get(1, "t"), set(1, "t", "2"), add(1, "u", "3"), all(1), size(1), body(0), splice(0, 0, 1, "AA"), set(0, "a", "b"), get(0, ":path")),
			want: []string{"on_request_body(2,2,0)", "on_request_trailers(2,1)", "get_header_map_value=0 1", "replace_header_map_value=0", "add_header_map_value=0",
				"get_header_map_pairs=0 " + hexOf(pairs("t", "2", "u", "3")), "get_header_map_size=0 4", "get_buffer_bytes=0 ab", "set_buffer_bytes=0", "replace_header_map_value=2", "get_header_map_value=0 /"},
			up: "GET / a.example|>AAb|trailers|t: 2|u: 3",
		},
		"PW-068 a body that was passed on, in the trailers' callback": {
			x:    exchange{body: []string{"ab"}, trailers: []string{"t: 1"}},
			s:    newScript().on("on_request_body").on("on_request_trailers", body(0), splice(0, 0, 0, "late"), body(0)),
			want: []string{"get_buffer_bytes=0 ", "set_buffer_bytes=0", "get_buffer_bytes=0 late"},
			up:   "GET / a.example|>ab|>late|trailers|t: 1",
		},
		"PW-074 a response's pieces, changed": {
			x:    exchange{responseBody: []string{"ab", "cd"}},
			s:    newScript().on("on_response_body", body(1), splice(1, 0, 0, "-")),
			want: []string{"get_buffer_bytes=0 ab", "set_buffer_bytes=0", "get_buffer_bytes=0 cd", "set_buffer_bytes=0"},
			down: "200|>-ab|>-cd",
		},
		"PW-076 a response without a body": {
			x: exchange{status: 304}, trace: true, s: newScript().on("on_response_headers").on("on_response_body"),
			want: []string{"on_response_headers(2,1,1)"}, down: "304",
		},
		"PW-095 stop_iteration: the head waits for the body": {
			x: exchange{body: []string{"ab", "cd"}}, edit: buffering,
			s: newScript().on("on_request_headers", ret(1)).
				on("on_request_body", set(0, "x-size", "4"), get(0, "x-size"), when(2, 0, ret(1))),
			want: []string{"replace_header_map_value=0", "get_header_map_value=0 4", "replace_header_map_value=0", "get_header_map_value=0 4"},
			up:   "GET / a.example|x-size: 4|>abcd",
		},
		"header action 2 continues": {s: newScript().on("on_request_headers", ret(2)), up: "GET / a.example"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			c.s.trace = c.trace
			edit := c.edit
			if edit == nil {
				edit = func(*proxywasm.Spec) {}
			}
			o := c.x.run(h.load(c.s, edit))
			h.expect(c.want...)
			if c.up != "" && o.upstream != c.up {
				t.Errorf("upstream got %q, want %q", o.upstream, c.up)
			}
			if c.down != "" && o.downstream != c.down {
				t.Errorf("downstream got %q, want %q", o.downstream, c.down)
			}
		})
	}
}

func TestBodyLimits(t *testing.T) {
	big := strings.Repeat("x", 600<<10)
	t.Run("PW-067 a request that is held beyond the limit", func(t *testing.T) {
		f := newHost(t).load(newScript().on("on_request_body", ret(1)))
		o := (&exchange{body: []string{big, big, "x"}}).run(f)
		if !strings.HasPrefix(o.downstream, "413") {
			t.Errorf("downstream %.40q", o.downstream)
		}
	})
	t.Run("PW-074 a response that is held beyond the limit", func(t *testing.T) {
		f := newHost(t).load(newScript().on("on_response_body", ret(1)))
		if o := (&exchange{responseBody: []string{big, big, "x"}}).run(f); !o.cut {
			t.Errorf("outcome %.60q, want a cut: the head was sent", o.downstream)
		}
	})
	t.Run("a body that a filter lets grow without end", func(t *testing.T) {
		h := newHost(t)
		chunk := strings.Repeat("y", 40<<10)
		grow := stepFunc(func(s *script) Code {
			return Seq(Loop(I32(0), I32(0x7fffffff), I32(0), s.text(chunk), Call(s.imports["proxy_set_buffer_bytes"]), Eqz32, BrIf(0)), s.text("full"), s.local("put"), s.local("flush"))
		})
		f := h.load(newScript().on("on_request_body", grow), func(s *proxywasm.Spec) { s.Budget = 1 << 30 })
		(&exchange{body: []string{"a"}}).run(f)
		h.expect("full")
	})
}
