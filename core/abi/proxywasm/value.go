package proxywasm

import (
	"encoding/binary"
	"math"

	"github.com/weirproxy/weir/core/stream"
)

// A value of metadata as guests read it is what Envoy makes of one: a text is
// its bytes, a number a double of 8 bytes, a truth one byte; a table is a
// serialised map of its values in this form, a list one with the values as
// keys.

// valueSize is how many bytes appendValue appends.
func valueSize(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case float64:
		return 8
	case bool:
		return 1
	case stream.Table:
		n := 0
		for k := range v {
			n += len(v[k].Name) + valueSize(v[k].Value)
		}
		return pairsSize(len(v), n)
	case stream.List:
		n := 0
		for _, e := range v {
			n += valueSize(e)
		}
		return pairsSize(len(v), n)
	}
	return 0
}

// appendValue appends a value to b.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	case bool:
		return append(b, byte(bit(v)))
	case stream.Table:
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		for k := range v {
			b = appendLengths(b, len(v[k].Name), valueSize(v[k].Value))
		}
		for k := range v {
			b = append(append(b, v[k].Name...), 0)
			b = append(appendValue(b, v[k].Value), 0)
		}
	case stream.List:
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		for _, e := range v {
			b = appendLengths(b, valueSize(e), 0)
		}
		for _, e := range v {
			b = append(appendValue(b, e), 0, 0)
		}
	}
	return b
}

func appendLengths(b []byte, key, value int) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(key))
	return binary.LittleEndian.AppendUint32(b, uint32(value))
}
