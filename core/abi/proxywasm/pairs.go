package proxywasm

import (
	"encoding/binary"

	"github.com/weirproxy/weir/core/stream"
)

// A serialised map is
//
//	u32le n ; n times (u32le key length, u32le value length) ;
//	n times (key bytes, NUL, value bytes, NUL)
//
// where the lengths leave out the NULs.

// Limits on maps that a guest hands over.
const (
	maxPairs     = 1024
	maxPairBytes = 1 << 20
)

// pair is one entry of a decoded map: views of the guest's memory.
type pair struct{ key, value []byte }

// decodePairs reads a serialised map into dst. It refuses whatever is not
// exactly one map; no bytes at all are the empty map.
func decodePairs(dst []pair, b []byte) (_ []pair, ok bool) {
	if len(b) == 0 {
		return dst, true
	}
	if len(b) < 4 || len(b) > maxPairBytes {
		return dst, false
	}
	n := binary.LittleEndian.Uint32(b)
	if n > maxPairs || 4+8*int(n) > len(b) {
		return dst, false
	}
	sizes, data := b[4:4+8*n], b[4+8*n:]
	for ; len(sizes) > 0; sizes = sizes[8:] {
		var p pair
		if p.key, data, ok = cutText(data, binary.LittleEndian.Uint32(sizes)); !ok {
			return dst, false
		}
		if p.value, data, ok = cutText(data, binary.LittleEndian.Uint32(sizes[4:])); !ok {
			return dst, false
		}
		dst = append(dst, p)
	}
	return dst, len(data) == 0
}

// cutText takes n bytes and the NUL behind them.
func cutText(b []byte, n uint32) (text, rest []byte, ok bool) {
	if uint64(n)+1 > uint64(len(b)) || b[n] != 0 {
		return nil, b, false
	}
	return b[:n:n], b[n+1:], true
}

// pairWriter builds a serialised map in place. The number of entries and their
// total size must be known before.
type pairWriter struct {
	b        []byte
	size, at int // where the next lengths and the next bytes go
}

// pairsSize is the length of a serialised map.
func pairsSize(entries, bytes int) int { return 4 + 10*entries + bytes }

func newPairWriter(b []byte, entries int) pairWriter {
	binary.LittleEndian.PutUint32(b, uint32(entries))
	return pairWriter{b: b, size: 4, at: 4 + 8*entries}
}

func (w *pairWriter) add(key string, value []byte) {
	w.lengths(len(key), len(value))
	w.at += copy(w.b[w.at:], key)
	w.close(value)
}

func (w *pairWriter) addField(f *stream.Field) {
	w.lengths(len(f.Name), len(f.Value))
	w.at += copy(w.b[w.at:], f.Name)
	w.close(f.Value)
}

func (w *pairWriter) lengths(key, value int) {
	binary.LittleEndian.PutUint32(w.b[w.size:], uint32(key))
	binary.LittleEndian.PutUint32(w.b[w.size+4:], uint32(value))
	w.size += 8
}

// close ends the key that was just copied and adds its value.
func (w *pairWriter) close(value []byte) {
	w.b[w.at] = 0
	w.at++
	w.at += copy(w.b[w.at:], value)
	w.b[w.at] = 0
	w.at++
}
