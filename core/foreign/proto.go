package foreign

import "google.golang.org/protobuf/encoding/protowire"

// Envoy's functions take protocol buffer messages. They are small and flat, so
// they are read field by field; unknown fields are skipped, as everywhere.

// fields calls field for each length-delimited field of a message, and says
// whether the message is well-formed. Fields of other kinds are skipped.
func fields(message []byte, field func(number protowire.Number, value []byte)) bool {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		if kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(message)
			if n < 0 {
				return false
			}
			field(number, value)
			message = message[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return false
		}
		message = message[n:]
	}
	return true
}

// appendTrue appends a boolean field that is true. A false one is left out.
func appendTrue(dst []byte, number protowire.Number) []byte {
	dst = protowire.AppendTag(dst, number, protowire.VarintType)
	return protowire.AppendVarint(dst, 1)
}

func appendField(dst []byte, number protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	return protowire.AppendBytes(dst, value)
}
