package proxywasm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// alone runs steps and says so if another callback of the instance runs
// meanwhile. The answer of the callback is given behind it.
func alone(steps ...step) step {
	const c = cell(100)
	return always(unless(c, 0, say("nested")), store32(saved+4*int32(c), 1), always(steps...), store32(saved+4*int32(c), 0))
}

// TestSharedByMany: what filters share holds when many streams work on it, in
// several instances.
func TestSharedByMany(t *testing.T) {
	four := func(s *proxywasm.Spec) { s.Lanes = 4 }
	t.Run("PW-109 a sum that 64 goroutines add to by compare and swap", func(t *testing.T) {
		h := newHost(t)
		const goroutines, times = 64, 20
		const sum = 600
		addOne := stepFunc(func(s *script) Code {
			return Loop(
				s.text("sum"), I32(cellData), I32(cellSize), I32(cellWord), Call(s.imports["proxy_get_shared_data"]), Drop,
				I32(sum), I32(cellData), Load32(0), Load32(0), I32(1), Add32, Store32(0),
				s.text("sum"), I32(sum), I32(4), I32(cellWord), Load32(0), Call(s.imports["proxy_set_shared_data"]), BrIf(0))
		})
		f := h.load(newScript().
			on("on_configure", quiet("proxy_set_shared_data", "sum", "\x00\x00\x00\x00", 1<<30)). // the first instance alone
			on("on_request_headers", when(1, 4, addOne), when(1, 5, call("proxy_get_shared_data", "sum", outHex{}, outWord{}))), four)
		each(goroutines, times, func(int, int) {
			if o := (&exchange{}).run(f); o.downstream != "200" {
				t.Errorf("outcome %+v", o)
			}
		})
		(&exchange{headers: []string{"show: 1"}}).run(f)
		lines := h.lines()
		const all = goroutines * times
		if want := fmt.Sprintf("get_shared_data=0 %02x%02x0000 ", all%256, all/256); len(lines) != 1 || !strings.HasPrefix(lines[0], want) {
			t.Errorf("lines %q, want one that begins with %q", lines, want)
		}
	})
	t.Run("PW-110 consumers get each item once", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_configure", quiet("proxy_register_shared_queue", "q", outWord{})).
			on("on_request_headers", call("proxy_dequeue_shared_queue", 1, outBytes{})), four)
		const goroutines, times = 8, 25
		for n := range goroutines * times {
			if err := h.state.Queues().Enqueue(1, []byte(fmt.Sprint(n))); err != nil {
				t.Fatal(err)
			}
		}
		each(goroutines, times, func(int, int) { (&exchange{}).run(f) })
		seen := map[string]bool{}
		for _, line := range h.lines() {
			seen[line] = true
		}
		for n := range goroutines * times {
			if !seen[fmt.Sprintf("dequeue_shared_queue=0 %d", n)] {
				t.Errorf("nobody got item %d", n)
			}
		}
		if len(h.lines()) != goroutines*times {
			t.Errorf("%d answers", len(h.lines()))
		}
	})
}
