package stream

// Buffer is the body bytes that one filter sees at a time. It borrows the
// chunk that passes by, and copies only when a filter holds it back or
// changes it.
type Buffer struct {
	b     []byte
	owned []byte // our memory, when b lies in it
}

// Borrow lets the buffer show chunk, whose owner keeps it valid until the
// next call of Borrow, Hold or Reset.
func (b *Buffer) Borrow(chunk []byte) { b.b = chunk }

// Extend adds chunk behind what is held. An empty buffer borrows it.
func (b *Buffer) Extend(chunk []byte) {
	if len(b.b) == 0 {
		b.b = chunk
		return
	}
	b.Hold()
	b.owned = append(b.owned, chunk...)
	b.b = b.owned
}

// Hold makes the bytes our own, so that the chunk's owner may use it again.
func (b *Buffer) Hold() {
	if len(b.b) == 0 || b.isOwned() {
		return
	}
	b.owned = append(b.owned[:0], b.b...)
	b.b = b.owned
}

func (b *Buffer) isOwned() bool {
	return cap(b.owned) > 0 && len(b.b) > 0 && &b.owned[:1][0] == &b.b[0]
}

// Len is the number of bytes shown.
func (b *Buffer) Len() int { return len(b.b) }

// Bytes is what is shown, for reading, until the next change.
func (b *Buffer) Bytes() []byte { return b.b }

// Take empties the buffer and hands out what it showed, which stays valid
// until the next Extend, Hold or Splice.
func (b *Buffer) Take() []byte {
	bytes := b.b
	b.b = nil
	return bytes
}

// Splice replaces the bytes [start, start+size) by data, clipping both to
// the bytes that are there: start at or past the end appends, size 0 inserts.
func (b *Buffer) Splice(start, size int, data []byte) {
	n := len(b.b)
	start = min(max(start, 0), n)
	size = min(max(size, 0), n-start)
	tail := b.b[start+size:]
	switch {
	case size == n:
		b.owned = append(b.owned[:0], data...)
	case size == 0 && start == n:
		b.Hold()
		b.owned = append(b.owned[:n], data...)
	default:
		next := make([]byte, 0, n-size+len(data))
		next = append(next, b.b[:start]...)
		next = append(next, data...)
		b.owned = append(next, tail...)
	}
	b.b = b.owned
}

// maxKeptBuffer bounds what a pooled buffer holds on to, in bytes.
const maxKeptBuffer = 64 << 10

// Reset empties the buffer. Memory of an ordinary size is kept.
func (b *Buffer) Reset() {
	b.b = nil
	if cap(b.owned) > maxKeptBuffer {
		b.owned = nil
	}
}
