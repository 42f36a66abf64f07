package proxywasm_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/order"
)

func TestOrder(t *testing.T) {
	declare := func(args string) step { return call("proxy_call_foreign_function", "weir.order", args, outHex{}) }
	h := newHost(t)
	f := h.load(newScript().
		on("on_configure", declare("sets a\nreads b"), declare("logs c"), declare("eats d"), declare(strings.Repeat("\n", order.MaxBytes+1))).
		on("on_request_headers", declare("sets late")))
	(&exchange{}).run(f)
	h.expect("call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=2 ", "call_foreign_function=10 ", "call_foreign_function=2 ")
	want := &order.Order{Said: true, Sets: []string{"a"}, Reads: []string{"b"}, Logs: []string{"c"}}
	if got := f.(*proxywasm.Filter).Order(); !reflect.DeepEqual(got, want) {
		t.Errorf("declared %+v, want %+v", got, want)
	}
}
