//go:build !race

package proxywasm_test

import (
	"testing"

	"github.com/weirproxy/weir/core/stream"
)

// A stream allocates nothing in the host, whatever its filters call of the
// functions that ordinary ones use on every request.
func TestNoAllocations(t *testing.T) {
	check := func(t *testing.T, l *life) {
		t.Helper()
		for range 200 {
			l.run()
		}
		if n := testing.AllocsPerRun(500, l.run); n > 0 {
			t.Errorf("%.2f allocations a stream, want none", n)
		}
	}
	t.Run("empty", func(t *testing.T) { check(t, newLife(newHost(t).load(emptyScript()))) })
	t.Run("metadata", func(t *testing.T) {
		h := newHost(t)
		h.Node.Metadata = stream.NewTable(map[string]any{"a": map[string]any{"b": []any{1.5, "c", true}}})
		check(t, newLife(h.load(newScript().on("on_request_headers", quiet("proxy_get_property", "node", outBytes{}),
			quiet("proxy_get_property", "node\x00metadata", outBytes{}), quiet("proxy_get_property", "node\x00metadata\x00a\x00b\x001", outBytes{})))))
	})
	for name, s := range benchCalls {
		t.Run(name, func(t *testing.T) { check(t, newLife(newHost(t).load(repeated(3, s)))) })
	}
}
