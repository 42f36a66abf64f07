package main

import (
	"bytes"
	"testing"
)

// FuzzReplace compares what becomes of a text in pieces with what becomes of it
// whole.
func FuzzReplace(f *testing.F) {
	f.Add([]byte("an event, eventually"), []byte("event"), []byte("moment"), byte(3))
	f.Add([]byte("aaab aab aaaab"), []byte("aab"), []byte(""), byte(1))
	f.Add([]byte("even"), []byte("event"), []byte("e"), byte(2))
	f.Fuzz(func(t *testing.T, text, from, to []byte, size byte) {
		if len(from) == 0 || size == 0 {
			return
		}
		r := rule{from, to}
		var out, tail []byte
		for rest := text; len(rest) > 0; {
			n := min(int(size), len(rest))
			out, tail = r.replace(out, append(bytes.Clone(tail), rest[:n]...))
			if rest = rest[n:]; len(tail) >= len(from) {
				t.Fatalf("keeps %q, which is no begin of %q", tail, from)
			}
		}
		if got, want := append(out, tail...), bytes.ReplaceAll(text, from, to); !bytes.Equal(got, want) {
			t.Errorf("%q in pieces of %d, %q for %q: %q, want %q", text, size, to, from, got, want)
		}
	})
}
