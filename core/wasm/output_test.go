package wasm_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// writer is a guest whose write(length) writes what lies at 1024 to stdout,
// and whose abort(length) traps after that.
func writer() []byte {
	m := New()
	write := m.Import("wasi_snapshot_preview1", "fd_write", "iiii:i")
	m.Memory(4, 4)
	body := Seq(I32(0), I32(1024), Store32(0), I32(4), Get(0), Store32(0),
		I32(1), I32(0), I32(1), I32(8), Call(write))
	m.Func("write", "i:i", body)
	m.Func("abort", "i:i", body, Unreachable)
	return m.Bytes()
}

func TestOutputIsLines(t *testing.T) {
	var got []string
	vm := newVM(t, wasm.VMConfig{
		Module: load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "writer", Code: writer()}),
		Lanes:  1,
		Start:  func(*wasm.Instance) error { return nil },
		Output: func(_ *wasm.Instance, stream int, line []byte) {
			got = append(got, fmt.Sprintf("%d:%s", stream, line))
		},
	})
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		export, text string
		want         []string
	}{
		{"write", "", nil},
		{"write", "one\n", []string{"1:one"}},
		{"write", "one", []string{"1:one"}},
		{"write", "one\ntwo\r\n\nthree", []string{"1:one", "1:two", "1:three"}},
		{"write", "a\tb\x1b[2Jc\x00d\u0085e\u2028f\u202eg", []string{"1:a\tb?[2Jc?d?e?f?g"}},
		{"write", "\xff\xfe é", []string{"1:\ufffd\ufffd é"}},
		{"write", long + "\nnext", []string{"1:" + long[:4096] + "…", "1:next"}},
		{"abort", "the last words", []string{"1:the last words"}},
	} {
		got = nil
		l, err := vm.Acquire()
		if err != nil {
			t.Fatal(err)
		}
		in := l.Instance()
		in.Write(1024, []byte(c.text))
		in.Call(in.Func(c.export), uint64(len(c.text)))
		l.Unlock()
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %q: got %q, want %q", c.export, c.text, got, c.want)
		}
	}
}

// TestBugsOfOursAreLogged: a host function that panics ends its guest, and is
// reported as what it is, with a stack.
func TestBugsOfOursAreLogged(t *testing.T) {
	for export, isBug := range map[string]bool{"boom": true, "trap": false, "fail": false, "hosts": false, "exit": false} {
		var log bytes.Buffer
		e := newEngine(t, wasm.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		vm := newVM(t, wasm.VMConfig{Module: load(t, e, wasm.Source{Name: "guest", Code: guest()})})
		if _, err := run(t, vm, export, 1); fault.KindOf(err) == fault.Unknown {
			t.Errorf("%s: %v", export, err)
		}
		vm.Close()
		if logged := log.String(); strings.Contains(logged, "bug in the proxy") != isBug ||
			isBug && !(strings.Contains(logged, "env.boom") && strings.Contains(logged, "goroutine")) {
			t.Errorf("%s: logged %q", export, logged)
		}
	}
}
