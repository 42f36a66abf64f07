package proxywasm

import (
	"encoding/binary"
	"math"

	"github.com/weirproxy/weir/core/stream"
)

// Metadata as a whole are protocol buffers: google.protobuf.Struct for a table,
// Value for a value, and config.core.v3.Metadata for tables by their subject.
// Lengths come before what they count, so each message has a size function.

// The wire types of fields that have a fixed length and of those that do not.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
)

// appendLength appends the begin of a field of n bytes.
func appendLength(b []byte, field byte, n int) []byte {
	return binary.AppendUvarint(append(b, field<<3|wireBytes), uint64(n))
}

// lengthSize is the size of a field of n bytes.
func lengthSize(n int) int {
	size := 2
	for v := n; v >= 0x80; v >>= 7 {
		size++
	}
	return size + n
}

// appendText appends a string's field, nothing for an empty one.
func appendText(b []byte, field byte, s string) []byte {
	if s == "" {
		return b
	}
	return append(appendLength(b, field, len(s)), s...)
}

func textSize(s string) int {
	if s == "" {
		return 0
	}
	return lengthSize(len(s))
}

// entrySize and appendEntry are of an entry of a map: a name, which is written
// even where it is empty, and a message.
func entrySize(name string, value int) int { return lengthSize(len(name)) + lengthSize(value) }

func appendEntry(b []byte, name string, value int) []byte {
	b = appendLength(b, 1, entrySize(name, value))
	b = append(appendLength(b, 1, len(name)), name...)
	return appendLength(b, 2, value)
}

// appendMetadata appends the message of tables by their subject.
func appendMetadata(b []byte, t stream.Table) []byte {
	for k := range t {
		if table, ok := t[k].Value.(stream.Table); ok {
			b = appendStruct(appendEntry(b, t[k].Name, structSize(table)), table)
		}
	}
	return b
}

func structSize(t stream.Table) int {
	n := 0
	for k := range t {
		n += lengthSize(entrySize(t[k].Name, protoSize(t[k].Value)))
	}
	return n
}

func appendStruct(b []byte, t stream.Table) []byte {
	for k := range t {
		b = appendEntry(b, t[k].Name, protoSize(t[k].Value))
		b = appendProto(b, t[k].Value)
	}
	return b
}

// protoSize is the size of a google.protobuf.Value.
func protoSize(v any) int {
	switch v := v.(type) {
	case float64:
		return 9
	case string:
		return lengthSize(len(v))
	case bool:
		return 2
	case stream.Table:
		return lengthSize(structSize(v))
	case stream.List:
		return lengthSize(listSize(v))
	}
	return 0
}

func listSize(l stream.List) int {
	n := 0
	for _, e := range l {
		n += lengthSize(protoSize(e))
	}
	return n
}

// appendProto appends a google.protobuf.Value.
func appendProto(b []byte, v any) []byte {
	switch v := v.(type) {
	case float64:
		b = append(b, 2<<3|wire64)
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	case string:
		return append(appendLength(b, 3, len(v)), v...)
	case bool:
		return append(b, 4<<3|wireVarint, byte(bit(v)))
	case stream.Table:
		return appendStruct(appendLength(b, 5, structSize(v)), v)
	case stream.List:
		b = appendLength(b, 6, listSize(v))
		for _, e := range v {
			b = appendProto(appendLength(b, 1, protoSize(e)), e)
		}
	}
	return b
}
