package wasm

import (
	"bytes"
	"testing"
)

// TestJoinData joins what lies close, keeps apart what does not, and leaves
// alone what it cannot tell.
func TestJoinData(t *testing.T) {
	segment := func(at int64, data string) []byte {
		b := appendSigned([]byte{activeSegment, opI32Const}, at)
		return append(append(b, opEnd, byte(len(data))), data...)
	}
	section := func(segments ...[]byte) []byte {
		return append([]byte{byte(len(segments))}, bytes.Join(segments, nil)...)
	}
	for name, c := range map[string]struct {
		in, want []byte // nil: it is left alone
	}{
		"none":         {section(), section()},
		"close":        {section(segment(100, "ab"), segment(104, "c")), section(segment(100, "ab\x00\x00c"))},
		"adjacent":     {section(segment(0, "ab"), segment(2, "c")), section(segment(0, "abc"))},
		"far":          {section(segment(0, "a"), segment(100_000, "b")), section(segment(0, "a"), segment(100_000, "b"))},
		"overlapping":  {section(segment(0, "ab"), segment(1, "c")), nil},
		"descending":   {section(segment(2, "c"), segment(0, "ab")), section(segment(0, "abc"))},
		"far between":  {section(segment(100_000, "d"), segment(5, "c"), segment(0, "a"), segment(2, "b")), section(segment(0, "a\x00b\x00\x00c"), segment(100_000, "d"))},
		"into a later": {section(segment(1, "c"), segment(0, "ab")), nil},
		"empty, far":   {section(segment(0, ""), segment(100_000, "b")), section(segment(0, ""), segment(100_000, "b"))},
		"passive":      {section([]byte{1, 1, 'a'}), nil},
		"beyond 2GiB":  {section([]byte{activeSegment, opI32Const, 0x7f, opEnd, 1, 'a'}), nil},
		"a global's":   {section([]byte{activeSegment, 0x23, 0, opEnd, 1, 'a'}), nil},
		"cut":          {section(segment(0, "abc"))[:6], nil},
		"more":         {append(section(segment(0, "a")), 0), nil},
		"empty":        {nil, nil},
	} {
		got, ok := joinData(c.in)
		if ok != (c.want != nil) || ok && !bytes.Equal(got, c.want) {
			t.Errorf("%s: got %x, %v; want %x", name, got, ok, c.want)
		}
	}
}

func FuzzOutline(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0a\x04\x01\x02\x00\x0b"))
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0b\x08\x01\x00\x41\x00\x0b\x02ab"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = outline(b) // whatever it is, an error at most
	})
}
