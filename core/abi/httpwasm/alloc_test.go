//go:build !race

package httpwasm_test

import (
	"log/slog"
	"testing"
)

// TestStreamsDoNotAllocate: neither a stream nor what a guest asks of it.
func TestStreamsDoNotAllocate(t *testing.T) {
	for name, code := range map[string][]byte{"empty": emptyGuest(), "headers": headerGuest(), "reads heads": readerGuest()} {
		t.Run(name, func(t *testing.T) {
			l := newLife(load(t, code, slog.New(slog.DiscardHandler)))
			l.run()
			if n := testing.AllocsPerRun(1000, l.run); n != 0 {
				t.Errorf("%v allocations a stream", n)
			}
		})
	}
}
