package proxywasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/filter"
)

// The arguments of weir.recall for the field x-a, and of weir.remember: until the end
// of time, with one edit.
const (
	recallA  = "\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00x-a"
	forEver  = "\xff\xff\xff\xff\xff\xff\xff\x7f"
	remember = forEver + editHead + setEdge
)

func TestRecall(t *testing.T) {
	foreign := func(function, args string) step { return call("proxy_call_foreign_function", function, args, outHex{}) }

	t.Run("of a request that is alike", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", foreign("weir.recall", recallA)).
			on("on_request_headers", foreign("weir.remember", remember)))
		for _, c := range []struct {
			fields []string
			edge   bool // it is alike
		}{{[]string{"x-a: 1"}, false}, {[]string{"x-b: 2", "x-a: 1"}, true}, {[]string{"x-a: 2"}, false}, {[]string{"x-a: 1", "x-a: 1"}, false}} {
			if o := (&exchange{headers: c.fields}).run(f); strings.Contains(o.upstream, "x-edge: weir") != c.edge {
				t.Errorf("%q: outcome %+v", c.fields, o)
			}
		}
		h.expect("call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=7 ")
	})
	t.Run("until a time", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", foreign("weir.recall", recallA)).
			on("on_request_headers", foreign("weir.remember", "\x01\x00\x00\x00\x00\x00\x00\x00"+editHead+setEdge)))
		for range 2 {
			if o := (&exchange{headers: []string{"x-a: 1"}}).run(f); strings.Contains(o.upstream, "x-edge") {
				t.Errorf("outcome %+v", o)
			}
		}
		h.expect("call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=0 ")
	})
	t.Run("malformed, or at another time", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", foreign("weir.remember", remember), foreign("weir.recall", recallA[:13]), foreign("weir.recall", recallA), foreign("weir.recall", recallA)).
			on("on_request_headers", foreign("weir.recall", recallA), foreign("weir.remember", remember[:7]), foreign("weir.remember", remember[:30])).
			on("on_response_headers", foreign("weir.remember", remember)))
		for range 2 {
			if o := (&exchange{headers: []string{"x-a: 1"}}).run(f); strings.Contains(o.upstream, "x-edge") {
				t.Errorf("outcome %+v", o)
			}
		}
		no, yes := "call_foreign_function=2 ", "call_foreign_function=0 "
		h.expect(no, no, yes, no, no, no, no, no, no, no, no, no)
	})
	t.Run("by shared data", func(t *testing.T) {
		h := newHost(t)
		const byKey = "\x02\x00\x00\x00" + "\x00\x00\x00\x00\x03\x00\x00\x00x-a" + "\x05\x00\x00\x00\x01\x00\x00\x00k"
		vm := func(name string) func(s *proxywasm.Spec) {
			return func(s *proxywasm.Spec) { s.VM, s.Name = "vm"+name, "f"+name }
		}
		f := h.load(newScript().on("on_configure", foreign("weir.recall", byKey)).
			on("on_request_headers", foreign("weir.remember", forEver+"\x01\x00\x00\x00"+editHead+setEdge)), vm(""))
		setter := newScript().on("on_request_headers", setShared("k", "v", 0))
		set, elsewhere := h.load(setter, vm("")), h.load(setter, vm("-2"))
		same := h.load(newScript().on("on_configure", foreign("weir.recall", byKey)).on("on_request_headers", get(0, "x-edge")), vm(""))
		known := func(f filter.Filter) bool {
			return strings.Contains((&exchange{headers: []string{"x-a: 1"}}).run(f).upstream, "x-edge: weir")
		}
		known(f) // there is no version 1 yet
		(&exchange{}).run(set)
		known(f)
		if !known(f) {
			t.Error("the first version is not known")
		}
		if known(same) {
			t.Error("another root of the VM has what was remembered")
		}
		(&exchange{}).run(elsewhere)
		if !known(f) {
			t.Error("another VM's data counts")
		}
		(&exchange{}).run(set)
		if known(f) {
			t.Error("the data has changed")
		}
		h.expect("call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=8 ", "set_shared_data=0", "call_foreign_function=0 ",
			"get_header_map_value=1 ", "set_shared_data=0", "set_shared_data=0", "call_foreign_function=8 ")
	})
	t.Run("undeclared", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", foreign("weir.remember", remember)))
		(&exchange{headers: []string{"x-a: 1"}}).run(f)
		h.expect("call_foreign_function=2 ")
	})
}
