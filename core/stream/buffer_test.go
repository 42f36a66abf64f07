package stream_test

import (
	"testing"

	"github.com/weirproxy/weir/core/stream"
)

func TestSplice(t *testing.T) {
	for _, c := range []struct {
		start, size int
		data, want  string
	}{
		{0, 0, "X", "Xabcdef"}, {3, 0, "X", "abcXdef"}, {6, 0, "X", "abcdefX"}, {99, 5, "X", "abcdefX"},
		{0, 6, "X", "X"}, {0, 99, "X", "X"}, {0, 6, "", ""}, {1, 2, "XYZ", "aXYZdef"}, {4, 99, "", "abcd"}, {-3, -1, "X", "Xabcdef"},
		{0, 1, "longer than all there was", "longer than all there wasbcdef"},
	} {
		for _, owned := range []bool{false, true} {
			var b stream.Buffer
			chunk := []byte("abcdef")
			b.Borrow(chunk)
			if owned {
				b.Hold()
			}
			b.Splice(c.start, c.size, []byte(c.data))
			if got := string(b.Bytes()); got != c.want || b.Len() != len(c.want) {
				t.Errorf("splice(%d, %d, %q), owned %v: %q, want %q", c.start, c.size, c.data, owned, got, c.want)
			}
			if string(chunk) != "abcdef" {
				t.Errorf("splice(%d, %d, %q), owned %v: the owner's chunk became %q", c.start, c.size, c.data, owned, chunk)
			}
		}
	}
}

// What is held stays when the chunk's owner uses its memory again, and what
// was taken out stays until the next change.
func TestHoldAndTake(t *testing.T) {
	var b stream.Buffer
	for range 3 {
		chunk := []byte("abc")
		b.Extend(chunk)
		if &b.Bytes()[0] != &chunk[0] {
			t.Error("an empty buffer does not borrow")
		}
		b.Hold()
		copy(chunk, "???")
		b.Extend(chunk[:0])
		b.Extend([]byte("def"))
		b.Splice(3, 0, []byte("-"))
		b.Extend([]byte("g"))
		out := b.Take()
		if string(out) != "abc-defg" || b.Len() != 0 {
			t.Errorf("taken %q, left %d", out, b.Len())
		}
		b.Borrow([]byte("next"))
		if string(out) != "abc-defg" || string(b.Take()) != "next" {
			t.Errorf("what was taken became %q", out)
		}
		b.Reset()
	}
}

// FuzzBuffer compares a buffer with a plain slice of bytes.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add([]byte("\x00abc\x02\x01\x01\x03\x04\x00hello\x01"))
	f.Fuzz(func(t *testing.T, script []byte) {
		var b stream.Buffer
		var model []byte
		for i := 0; i+4 <= len(script); i += 4 {
			op, start, size, n := script[i]%6, int(script[i+1]), int(script[i+2]), int(script[i+3])%20
			data := make([]byte, n)
			for j := range data {
				data[j] = byte(i + j)
			}
			switch op {
			case 0:
				b.Extend(data)
				model = append(model, data...)
				b.Hold()
				clear(data)
			case 1:
				b.Hold()
			case 2, 3:
				start, size = min(start, len(model)), min(size, max(len(model)-min(start, len(model)), 0))
				b.Splice(start, size, data)
				model = append(append(append([]byte(nil), model[:start]...), data...), model[start+size:]...)
			case 4:
				if got := b.Take(); string(got) != string(model) {
					t.Fatalf("taken %q, want %q", got, model)
				}
				model = nil
			case 5:
				b.Reset()
				model = nil
			}
			if string(b.Bytes()) != string(model) {
				t.Fatalf("step %d, op %d: %q, want %q", i/4, op, b.Bytes(), model)
			}
		}
	})
}
