//go:build !race

package proxywasm_test

import "testing"

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
	for name, s := range benchCalls {
		t.Run(name, func(t *testing.T) { check(t, newLife(newHost(t).load(repeated(3, s)))) })
	}
}
