package proxywasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// store32 puts a number at an address of the guest's.
func store32(at, v int32) step {
	return stepFunc(func(*script) Code { return Seq(I32(at), I32(v), Store32(0)) })
}

func growMemory(pages int32) step {
	return stepFunc(func(*script) Code { return Seq(I32(pages), MemoryGrow, Drop) })
}

// showPages logs how large the guest's memory is.
var showPages step = stepFunc(func(s *script) Code { return Seq(MemorySize, s.local("dec"), s.local("flush")) })

func TestMapBounds(t *testing.T) {
	many := func(n int) string {
		kv := []string{":status", "200"}
		for range n - 1 {
			kv = append(kv, "a", "")
		}
		return pairs(kv...)
	}
	t.Run("PW-052 more than 1024 pairs", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", call("proxy_set_header_map_pairs", 2, many(1025)), get(2, "x-r"),
			call("proxy_set_header_map_pairs", 2, many(1024)), get(2, "x-r"), size(2)))
		(&exchange{responseHeaders: []string{"x-r: 1"}}).run(f)
		h.expect("set_header_map_pairs=2", "get_header_map_value=0 1", "set_header_map_pairs=0", "get_header_map_value=1 ", "get_header_map_size=0 1033")
	})
	t.Run("PW-052 more than 1 MiB", func(t *testing.T) {
		// One pair, "a" and a value of x, in memory that is added: header, name,
		// value and the NULs take 15 bytes beside the value.
		const at = memoryEnd
		value := func(n int32) step {
			return always(store32(at, 1), store32(at+4, 1), store32(at+8, n), fillMemory(at+12, 'a', 1), fillMemory(at+13, 0, 1), fillMemory(at+14, 'x', n), fillMemory(at+14+n, 0, 1))
		}
		h := newHost(t)
		const whole = 1 << 20
		f := h.load(newScript().on("on_response_headers", growMemory(32),
			value(whole-14), call("proxy_set_header_map_pairs", 2, at, whole+1), // too long to be looked at
			value(whole-15), call("proxy_set_header_map_pairs", 2, at, whole), // a map, but more than a stream may be given
			value(1000), call("proxy_set_header_map_pairs", 2, at, 1015), size(2), set(2, ":status", "200")),
			func(s *proxywasm.Spec) { s.Budget = 1 << 30 })
		(&exchange{responseHeaders: []string{"x-r: 1"}}).run(f)
		h.expect("set_header_map_pairs=2", "set_header_map_pairs=10", "set_header_map_pairs=0", "get_header_map_size=0 1001", "replace_header_map_value=0")
	})
}

func TestLogBounds(t *testing.T) {
	t.Run("PW-114 a line of 1 MiB", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", fillMemory(256<<10, 'x', 256<<10), call("proxy_log", 2, 0, 1<<20), call("proxy_log", 2, 256<<10, 256<<10)))
		(&exchange{}).run(f)
		lines := h.log.take()
		const cut = 4 << 10
		if len(lines) != 4 || len(lines[0]) != cut+len("…") || lines[1] != "log=0" || lines[2] != strings.Repeat("x", cut)+"…" || lines[3] != "log=0" {
			t.Errorf("%d lines: %.100q", len(lines), lines)
		}
	})
	t.Run("PW-114 a level that is none", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", call("proxy_log", 6, "x"), call("proxy_log", -1, "x"), call("proxy_log", 6, -16, 32)))
		(&exchange{}).run(f)
		h.expect("log=2", "log=2", "log=2")
	})
}

func TestMemoryBounds(t *testing.T) {
	growAll := stepFunc(func(*script) Code { return Loop(I32(1), MemoryGrow, I32(-1), Ne32, BrIf(0)) })
	limited := func(s *proxywasm.Spec) { s.MemoryPages = 40 }
	t.Run("PW-122 memory ends where it was told to", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", growAll, showPages, get(0, ":path")), limited)
		for range 2 {
			if o := (&exchange{}).run(f); o.downstream != "200" {
				t.Errorf("outcome %+v", o)
			}
		}
		h.expect("40", "get_header_map_value=0 /", "40", "get_header_map_value=0 /")
		if got := h.Stats()[0].Lanes[0].Memory; got != 40<<16 {
			t.Errorf("the instance has %d bytes", got)
		}
	})
	t.Run("PW-122 a guest that cannot go on without more", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", when(1, 5, growAll, trap)), limited)
		if o := (&exchange{headers: []string{"a: b"}}).run(f); !strings.HasPrefix(o.downstream, "503") {
			t.Errorf("outcome %+v", o)
		}
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("PW-022 start code that wants more than allowed", func(t *testing.T) {
		s := newScript()
		s.exports = func(m *Module) {
			m.Func("_initialize", "", I32(100), MemoryGrow, I32(-1), Eq32, If(Unreachable))
		}
		refused(t, s, "_initialize", limited)
		newHost(t).load(s, func(s *proxywasm.Spec) { s.MemoryPages = 200 })
	})
}
