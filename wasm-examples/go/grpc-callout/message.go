package main

import "encoding/binary"

// Two messages of text need no generated code: see auth.proto for their fields.

// question is a CheckQuestion.
func question(token, path string) string {
	return string(appendText(appendText(nil, 1, token), 2, path))
}

// lengthDelimited is the wire type of texts and messages.
const lengthDelimited = 2

func appendText(b []byte, field uint64, text string) []byte {
	if text == "" { // as if it was not there
		return b
	}
	b = binary.AppendUvarint(b, field<<3|lengthDelimited)
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// user is that of a CheckAnswer, which has no other fields; ok is false for bytes
// that are none.
func user(b []byte) (name string, ok bool) {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 || key != 1<<3|lengthDelimited {
			return "", false
		}
		b = b[n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return "", false
		}
		name = string(b[n : n+int(size)])
		b = b[n+int(size):]
	}
	return name, true
}
