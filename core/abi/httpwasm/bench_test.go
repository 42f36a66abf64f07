package httpwasm_test

import (
	"log/slog"
	"testing"

	"github.com/weirproxy/weir/core/filter"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// The guests that are measured: one without host calls, one that sets a field on
// each side.
func emptyGuest() []byte {
	return (&guest{response: []step{code(Get(0), Drop)}}).bytes()
}

func headerGuest() []byte {
	return (&guest{
		request:  []step{do("set_header_value", 0, "x-edge", "paris"), do("set_header_value", 1, "x-edge", "paris")},
		response: []step{code(Get(0), Drop)},
	}).bytes()
}

// readerGuest reads all that a guest may want to know.
func readerGuest() []byte {
	return (&guest{request: []step{
		do("get_method", bufferAt, 4096), code(Drop), do("get_uri", bufferAt, 4096), code(Drop), do("get_source_addr", bufferAt, 4096), code(Drop),
		do("get_header_names", 0, bufferAt, 4096), code(Drop), do("get_header_values", 0, "X-Request-Id", bufferAt, 4096), code(Drop),
	}}).bytes()
}

func BenchmarkStream(b *testing.B) {
	quiet := slog.New(slog.DiscardHandler)
	for _, c := range []struct {
		name string
		code []byte
		n    int
		body []string
	}{
		{"none", nil, 0, nil},
		{"empty", emptyGuest(), 1, nil},
		{"headers", headerGuest(), 1, nil},
		{"headers of five", headerGuest(), 5, nil},
		{"reads heads", readerGuest(), 1, nil},
		{"body read as it comes", (&guest{request: []step{{name: "read_body", code: readQuietly}}}).bytes(), 1, []string{"a piece", "another"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var filters []filter.Filter
			for range c.n {
				filters = append(filters, load(b, c.code, quiet))
			}
			l := newLife(filters...)
			l.request = c.body
			b.ReportAllocs()
			for b.Loop() {
				l.run()
			}
		})
	}
}

// readQuietly reads a request's body to its end.
func readQuietly(g *guest) Code {
	return Loop(g.emit(do("read_body", 0, bufferAt, 65536)), shift, Wrap, Eqz32, BrIf(0))
}
