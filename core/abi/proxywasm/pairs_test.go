package proxywasm

import (
	"bytes"
	"testing"
)

// encode is a serialised map, by the same writer that guests are answered by.
func encode(list []pair) []byte {
	size := 0
	for _, p := range list {
		size += len(p.key) + len(p.value)
	}
	b := make([]byte, pairsSize(len(list), size))
	w := newPairWriter(b, len(list))
	for _, p := range list {
		w.add(string(p.key), p.value)
	}
	return b
}

func FuzzDecodePairs(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0})
	f.Add(encode([]pair{{[]byte("a"), []byte("b")}, {nil, nil}, {[]byte(":path"), []byte("/")}}))
	f.Add([]byte{1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 'a', 0, 'b', 0})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		list, ok := decodePairs(nil, b)
		if !ok || len(b) == 0 {
			return
		}
		if again := encode(list); !bytes.Equal(again, b) {
			t.Errorf("%x decodes to what encodes to %x", b, again)
		}
	})
}
