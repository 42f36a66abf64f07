package proxywasm_test

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// randomCall is a guest that calls the host function whose number is the
// body's first word, with the words behind it as arguments.
func randomCall(s *script) *script {
	word := func(n int) Code { return Seq(I32(cellData), Load32(0), Load32(uint32(4*n))) }
	return s.on("on_request_body", stepFunc(func(s *script) Code {
		code := Seq(I32(0), I32(0), I32(-1), I32(cellData), I32(cellSize), Call(s.imports["proxy_get_buffer_bytes"]), Drop)
		for k, f := range hostFunctions {
			args := Code{}
			for n, letter := range f.params {
				args = Seq(args, word(n+1))
				if letter == 'I' {
					args = Seq(args, Extend)
				}
			}
			code = Seq(code, word(0), I32(int32(k)), Eq32, If(Seq(args, Call(s.imports[f.name]), s.local("dec"), s.local("flush"))))
		}
		return code
	}))
}

// hitsItself says whether an argument is an address at which a result would
// destroy what the guest reads its next argument by: it would end itself.
func hitsItself(b []byte) bool {
	for b = b[4:]; len(b) >= 4; b = b[4:] { // the first word is the function
		if w := binary.LittleEndian.Uint32(b); w+8 > cellData && w < cellSize+4 {
			return true
		}
	}
	return false
}

// FuzzHostCalls calls every host function with arguments of any kind, from
// guests of the first and the last version: each answers a status that SDKs know,
// and nothing else happens.
func FuzzHostCalls(f *testing.F) {
	words := func(w ...uint32) []byte {
		b := []byte{}
		for _, v := range w {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	const top = 16 << 16
	for k := range hostFunctions {
		n := uint32(k)
		f.Add(words(n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
		f.Add(words(n, 0, ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0)))
		f.Add(words(n, 1, top-1, 2, top-1, 2, top-2, 3, top-1, 2, top-3))
		f.Add(words(n, 0, 1024, 8, 1024, 8, 1024, 8, 1024, 8, cellWord))
		f.Add(words(n, 1024, 8, 1024, 8, 1024, 8, 1024, 8, 5, cellWord))
		f.Add(words(n, 200, 1024, 4, 1024, 4, 100, 4, 3, cellWord, cellWord+4))
	}
	h := newHost(f)
	first, last := h.load(randomCall(oldScript()), calling, ticking), h.load(randomCall(newScript()), calling, ticking)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 44 || hitsItself(b) {
			return
		}
		(&exchange{body: []string{string(b)}, wait: 1}).run(first)
		(&exchange{body: []string{string(b)}, wait: 1}).run(last)
		h.log.mu.Lock()
		records := h.log.records
		h.log.lines, h.log.records = nil, nil
		h.log.mu.Unlock()
		for _, r := range records {
			line := r.Message
			if n, err := strconv.Atoi(line); err == nil && r.NumAttrs() > 0 {
				if !slices.Contains([]int{0, 1, 2, 3, 4, 6, 7, 8, 10, 12}, n) && b[0] != 0 {
					t.Errorf("status %d", n)
				}
			}
			if strings.Contains(line, "a filter failed") {
				t.Errorf("the guest was ended by function %q", hostFunctions[b[0]].name)
			}
		}
	})
}
