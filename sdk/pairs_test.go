package sdk

import (
	"bytes"
	"testing"
)

func FuzzPairs(f *testing.F) {
	f.Add(appendPairs(nil, []Field{{"a", "1"}, {"", ""}, {"content-type", "text/plain"}}))
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var list []Field
		for r := newPairsReader(b); r.next(); {
			list = append(list, Field{string(r.name), string(r.value)})
		}
		again := appendPairs(nil, list)
		n := 0
		for r := newPairsReader(again); r.next(); n++ {
			if string(r.name) != list[n].Name || string(r.value) != list[n].Value {
				t.Fatalf("pair %d changed: %q: %q", n, r.name, r.value)
			}
		}
		if n != len(list) {
			t.Fatalf("%d pairs became %d", len(list), n)
		}
	})
}

func TestPairsAreTheABIs(t *testing.T) {
	got := appendPairs(nil, []Field{{"a", "bc"}, {":x", ""}})
	want := []byte("\x02\x00\x00\x00" + "\x01\x00\x00\x00\x02\x00\x00\x00" + "\x02\x00\x00\x00\x00\x00\x00\x00" + "a\x00bc\x00" + ":x\x00\x00")
	if !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
