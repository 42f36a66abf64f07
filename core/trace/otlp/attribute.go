package otlp

import (
	"net/netip"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of the messages KeyValue and AnyValue.
const (
	pairKey    = 1
	pairValue  = 2
	valueText  = 1
	valueTruth = 2
	valueInt   = 3
)

// Text adds an attribute. Nothing is added for an empty text.
func (s *Span) Text(key, v string) { AddText(s, key, v) }

// Bytes is Text for bytes of anybody's.
func (s *Span) Bytes(key string, v []byte) { AddText(s, key, v) }

// AddText is Text and Bytes for either.
func AddText[T string | []byte](s *Span, key string, v T) {
	if len(v) > 0 {
		s.b = appendPair(s.b, spanAttributes, key, v)
	}
}

// Addr adds an address, if it is one.
func (s *Span) Addr(key string, a netip.Addr) {
	if a.IsValid() {
		s.room = a.Unmap().AppendTo(s.room[:0])
		s.Bytes(key, s.room)
	}
}

// Int adds a number.
func (s *Span) Int(key string, v int64) { s.b = appendInt(s.b, spanAttributes, key, v) }

// True adds a truth.
func (s *Span) True(key string) {
	s.b = appendKey(s.b, spanAttributes, key, 2)
	s.b = protowire.AppendVarint(protowire.AppendTag(s.b, valueTruth, protowire.VarintType), 1)
}

// appendKey begins an attribute whose value's message has size bytes.
func appendKey(b []byte, n protowire.Number, key string, size int) []byte {
	all := protowire.SizeTag(pairKey) + protowire.SizeBytes(len(key)) + protowire.SizeTag(pairValue) + protowire.SizeBytes(size)
	b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.BytesType), uint64(all))
	b = protowire.AppendString(protowire.AppendTag(b, pairKey, protowire.BytesType), key)
	return protowire.AppendVarint(protowire.AppendTag(b, pairValue, protowire.BytesType), uint64(size))
}

func appendInt(b []byte, n protowire.Number, key string, v int64) []byte {
	b = appendKey(b, n, key, protowire.SizeTag(valueInt)+protowire.SizeVarint(uint64(v)))
	return protowire.AppendVarint(protowire.AppendTag(b, valueInt, protowire.VarintType), uint64(v))
}

func appendPair[T string | []byte](b []byte, n protowire.Number, key string, v T) []byte {
	size := protowire.SizeTag(valueText) + protowire.SizeBytes(textSize(v))
	return appendText(protowire.AppendTag(appendKey(b, n, key, size), valueText, protowire.BytesType), v)
}

// maxText bounds one text of a span, in bytes: clients write them.
const maxText = 2 << 10

// replacement stands for bytes that are no UTF-8.
const replacement = "\uFFFD"

// sound says whether a text can be written as it is, as nearly all can.
func sound[T string | []byte](v T) bool {
	if len(v) > maxText {
		return false
	}
	for i := range len(v) {
		if v[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// textSize is the length of what appendText writes behind the length itself.
func textSize[T string | []byte](v T) (n int) {
	if sound(v) {
		return len(v)
	}
	for i := 0; i < len(v); {
		size, step := runeAt(v, i)
		if n+size > maxText {
			break
		}
		n, i = n+size, i+step
	}
	return n
}

// appendText appends a length and a text. It has to be UTF-8: a receiver refuses all
// of a request that holds another string.
func appendText[T string | []byte](b []byte, v T) []byte {
	if sound(v) {
		return append(protowire.AppendVarint(b, uint64(len(v))), v...)
	}
	size := textSize(v)
	b = protowire.AppendVarint(b, uint64(size))
	end := len(b) + size
	for i := 0; len(b) < end; {
		size, step := runeAt(v, i)
		if size == step {
			b = append(b, v[i:i+step]...)
		} else {
			b = append(b, replacement...)
		}
		i += step
	}
	return b
}

// runeAt is how many bytes are written for the character at i, and how many it has.
func runeAt[T string | []byte](v T, i int) (size, step int) {
	if v[i] < utf8.RuneSelf {
		return 1, 1
	}
	var b [utf8.UTFMax]byte
	r, n := utf8.DecodeRune(b[:copy(b[:], v[i:])])
	if r == utf8.RuneError && n == 1 {
		return len(replacement), 1
	}
	return n, n
}
