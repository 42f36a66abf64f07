package hostile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestHostileMade brings what is too large to be written down, or no module at
// all, made here.
func TestHostileMade(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name    string
		outcome outcome
		make    func(t *testing.T) (path string)
	}{
		{"made-of-nothing", refused, func(t *testing.T) string { return coretest.Module(t, nil) }},
		{"made-of-a-hundred-megabytes", refused, hundredMegabytes},
		{"made-of-a-section-of-twenty-megabytes", refused, func(t *testing.T) string {
			return coretest.Module(t, append(speaking().Bytes(), section(0, append([]byte{1, 'x'}, make([]byte, 20<<20)...))...))
		}},
		{"made-of-a-component", refused, func(t *testing.T) string { return coretest.Module(t, []byte("\x00asm\x0d\x00\x01\x00")) }},
		{"made-of-fifty-thousand-functions", refused, func(t *testing.T) string { return functions(t, 50_000) }},
		{"made-of-forty-thousand-functions", served, func(t *testing.T) string { return functions(t, 40_000) }},
		{"made-of-nested-blocks", refused, func(t *testing.T) string { return nested(t, 100_000) }},
		{"made-of-fills", refused, func(t *testing.T) string {
			return acting(t, repeated(80_000, Seq(I32(0), I32(1), I32(1), MemoryFill)))
		}},
		{"made-of-operands", refused, func(t *testing.T) string {
			return acting(t, Seq(repeated(100_000, Seq(I32(8), Load32(0))), repeated(100_000, Drop)))
		}},
		{"made-of-operands-at-branches", refused, func(t *testing.T) string {
			return acting(t, Seq(repeated(4_000, Seq(I32(8), Load32(0))), repeated(4_000, Block(I32(0), BrIf(0))), repeated(4_000, Drop)))
		}},
		{"made-of-a-million-instructions", ended, func(t *testing.T) string {
			return acting(t, Loop(repeated(150_000, Seq(I32(3), I32(5), Mul32, Drop)), Br(0)))
		}},
		{"made-of-names-that-forge", ended, namesThatForge},
	} {
		s := &subject{name: c.name, outcome: c.outcome}
		t.Run(c.name, func(t *testing.T) {
			s.module = c.make(t)
			w.bring(t, s)
		})
	}
}

// speaking is a module that a host of the ABI would take.
func speaking() *Module {
	m := New()
	m.Memory(1, 1)
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", I32(1024))
	return m
}

// acting is one that does something to each request.
func acting(t *testing.T, do Code) (path string) {
	m := speaking()
	m.Func("proxy_on_request_headers", "iii:i", do, I32(0))
	return coretest.Module(t, m.Bytes())
}

func repeated(n int, c Code) Code { return bytes.Repeat(c, n) }

// section is one of the binary format.
func section(id byte, body []byte) []byte { return append(appendSize([]byte{id}, len(body)), body...) }

func appendSize(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func hundredMegabytes(t *testing.T) string {
	path := coretest.Module(t, speaking().Bytes())
	if err := os.Truncate(path, 100<<20); err != nil {
		t.Fatal(err)
	}
	return path
}

func functions(t *testing.T, n int) string {
	m := speaking()
	for range n {
		m.Func("", "")
	}
	m.Func("proxy_on_request_headers", "iii:i", I32(0))
	return coretest.Module(t, m.Bytes())
}

func nested(t *testing.T, n int) string {
	const block, empty, end = 0x02, 0x40, 0x0b
	return acting(t, append(repeated(n, Code{block, empty}), repeated(n, Code{end})...))
}

// namesThatForge traps in a function whose name would forge a line and turn
// text around.
func namesThatForge(t *testing.T) string {
	m := speaking()
	m.Func("proxy_on_request_headers", "iii:i", Unreachable)
	evil := "a\n{\"level\":\"INFO\",\"msg\":\"all is well\"}\x1b[2J\r\x00\u202e\u2028b"
	names := append(appendSize([]byte{1, 2}, len(evil)), evil...) // function 2 is the last
	body := append([]byte{4, 'n', 'a', 'm', 'e'}, section(1, names)...)
	return coretest.Module(t, append(m.Bytes(), section(0, body)...))
}

// TestHostileBytes brings bytes that mean nothing and real modules that were
// damaged: whatever is made of them, the proxy serves on.
func TestHostileBytes(t *testing.T) {
	w := newWorld(t)
	real, err := os.ReadFile(binary(t, "everywhere"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "damaged.wasm")
	taken := 0
	for k := range 200 {
		code := bytes.Clone(real)
		switch k % 4 {
		case 0: // noise behind a true beginning
			code = code[:8+r.IntN(100)]
			for range 1000 {
				code = append(code, byte(r.Uint32()))
			}
		case 1: // cut off
			code = code[:r.IntN(len(code))]
		case 2: // some bytes changed
			for range 1 + r.IntN(8) {
				code[8+r.IntN(len(code)-8)] = byte(r.Uint32())
			}
		case 3: // a piece put elsewhere
			from, to := r.IntN(len(code)), r.IntN(len(code))
			copy(code[to:], real[from:min(len(real), from+r.IntN(200))])
		}
		if err := os.WriteFile(path, code, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &subject{module: path, keys: []string{fmt.Sprintf("env = { N = \"%d\" }", k)}}
		refusal := w.take(w.config(s))
		isPlain(t, "the refusal", refusal)
		if refusal == "" {
			taken++
			c := coretest.Dial(t, w.proxy.Addr("gateway"))
			c.Send("GET /hostile HTTP/1.1\r\nHost: a\r\n\r\n")
			_, _ = c.TryRead("GET") // it may do anything, but answer
			_ = c.Close()
		}
		w.goodServes(t)
	}
	t.Logf("%d of 200 were taken", taken)
	w.leave(t)
	isPlain(t, "the log", w.proxy.Log.String())
}
