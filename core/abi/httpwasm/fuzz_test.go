package httpwasm_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/stream"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// everyCall are all functions, in the order of their numbers in a program.
var everyCall = []string{
	"enable_features", "get_config", "log_enabled", "log", "get_method", "set_method", "get_uri", "set_uri", "get_protocol_version", "get_source_addr",
	"get_header_names", "get_header_values", "set_header_value", "add_header_value", "remove_header", "read_body", "write_body",
	"get_status_code", "set_status_code",
}

// interpreter is a guest that runs the program which a request's body begins
// with, in both of its functions: calls of six words each, the function's number
// and five arguments, behind two words that handle_request answers.
func interpreter() []byte {
	const programAt, most, record = 8 << 10, 4 << 10, 24
	m := New()
	imports := make([]uint32, len(everyCall))
	for i, name := range everyCall {
		imports[i] = m.Import("http_handler", name, signatures[name])
	}
	m.Memory(1, 0)
	m.Global('i', 0)
	var calls Code
	for i, name := range everyCall {
		params, results, _ := strings.Cut(signatures[name], ":")
		call := Code{}
		for k := range params {
			call = Seq(call, Get(0), Load32(uint32(4*k+4)))
		}
		call = Seq(call, Call(imports[i]))
		if results != "" {
			call = Seq(call, Drop)
		}
		calls = Seq(calls, Get(0), Load32(0), I32(int32(i)), Eq32, If(call))
	}
	run := m.FuncLocals("", "ii", "", Loop(
		Get(0), I32(record), Add32, Get(1), LtU32, If(calls, Get(0), I32(record), Add32, Set(0), Br(1)),
	))
	const size = 0 // of the program, a global
	program := Seq(I32(programAt+8), I32(programAt), GlobalGet(size), Add32, I32(1), Add32, Call(run))
	read := Seq(I32(0), I32(programAt), I32(most), Call(imports[15]), Wrap, GlobalSet(size))
	m.Func("handle_request", ":I", read, program, I32(programAt), Load64(0))
	m.Func("handle_response", "ii", program)
	return m.Bytes()
}

// FuzzHostCalls runs any sequence of host calls with any arguments, in both of a
// guest's functions, over messages with bodies in pieces and trailers: the worst
// that happens is that the guest's instance ends.
func FuzzHostCalls(f *testing.F) {
	program := func(w ...uint32) (b []byte) {
		for _, v := range w {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	for k := range everyCall {
		n := uint32(k)
		f.Add(program(1, 7, n, 0, 0, 0, 0, 0))
		f.Add(program(1, 7, n, 1, 1024, 8, 2048, 8))
		f.Add(program(0, 7, n, 1, 1024, 8, 2048, 8))
		f.Add(program(1, 7, 0, 7, 0, 0, 0, 0, n, 1, 1024, 8, 2048, 8, 15, 0, 1024, 100, 0, 0))
		f.Add(program(1, 7, n, 65535, 2, 65535, 2, ^uint32(0)))
	}
	worst := &bugs{}
	guest := load(f, interpreter(), slog.New(worst))
	trailers := new(stream.Headers)
	trailers.AddString("t", "v")
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLife(guest)
		l.request = []string{string(b), "more", "of a body"}
		l.response = []string{"a response", "in pieces"}
		l.run()
		l.trailers = trailers
		l.run()
		l.request, l.response, l.trailers = nil, nil, nil
		l.run()
		if lines := worst.take(); len(lines) > 0 {
			t.Error(lines)
		}
	})
}

// bugs keeps the log lines that tell of one.
type bugs struct {
	mu    sync.Mutex
	lines []string
}

func (b *bugs) Enabled(context.Context, slog.Level) bool { return true }
func (b *bugs) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *bugs) WithGroup(string) slog.Handler            { return b }

func (b *bugs) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "bug") {
		b.mu.Lock()
		defer b.mu.Unlock()
		line := r.Message
		r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
		b.lines = append(b.lines, line)
	}
	return nil
}

func (b *bugs) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines = nil
	return lines
}
