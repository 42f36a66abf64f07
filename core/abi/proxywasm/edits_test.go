package proxywasm_test

import (
	"strings"
	"testing"
)

// Edits as a guest encodes them: version, flags, two counters, and one edit.
const (
	editHead = "\x01\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
	setEdge  = "\x00\x01\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00x-edge\x00\x00\x00\x00" +
		"\x01\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00weir"
	setServed = "\x01\x01\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00x-served\x00\x00\x00\x00" +
		"\x01\x00\x00\x00\x01\x00\x00\x00\x06\x00\x00\x00x-edge"
	badPath = "\x00\x06\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00/\x00\x00\x00\x00" +
		"\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00a b"
)

func TestEdits(t *testing.T) {
	declare := func(function, args string) step { return call("proxy_call_foreign_function", function, args, outHex{}) }
	phases := func(bits string) step { return declare("weir.phases", bits) }

	t.Run("without a callback", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_context_create").on("on_configure", declare("weir.edits", editHead+setEdge), declare("weir.edits", editHead+setServed), phases("\x00\x00\x00\x00")).
			on("on_request_headers").on("on_response_headers").on("on_log").on("on_done").on("on_delete"))
		o := (&exchange{}).run(f)
		if !strings.Contains(o.upstream, "x-edge: weir") || !strings.Contains(o.downstream, "x-served: weir") {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_context_create(1,0)", "on_configure(1,0)", "call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=0 ")
	})
	t.Run("before the callback of their phase", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", declare("weir.edits", editHead+setEdge)).on("on_request_headers", get(0, "x-edge")))
		(&exchange{}).run(f)
		h.expect("call_foreign_function=0 ", "get_header_map_value=0 weir")
	})
	t.Run("beside callbacks of other phases", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_configure", declare("weir.edits", editHead+setServed), phases("\x01\x00\x00\x00")).on("on_request_headers"))
		if o := (&exchange{headers: []string{"x-edge: b"}}).run(f); !strings.Contains(o.downstream, "x-served: b") {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_configure(1,0)", "call_foreign_function=0 ", "call_foreign_function=0 ", "on_request_headers(2,5,1)")
	})
	t.Run("one that is refused, strictly", func(t *testing.T) {
		h := newHost(t)
		strict := "\x01\x00\x00\x00\x01" + editHead[5:]
		f := h.load(newScript().on("on_configure", declare("weir.edits", strict+badPath)))
		if o := (&exchange{}).run(f); !strings.HasPrefix(o.downstream, "400") || o.upstream != "" {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("malformed, or at another time", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", declare("weir.edits", ""), declare("weir.edits", editHead+setEdge[:9])).
			on("on_request_headers", declare("weir.edits", editHead+setEdge)))
		if o := (&exchange{}).run(f); strings.Contains(o.upstream, "x-edge") {
			t.Errorf("outcome %+v", o)
		}
		h.expect("call_foreign_function=2 ", "call_foreign_function=2 ", "call_foreign_function=2 ")
	})
}
