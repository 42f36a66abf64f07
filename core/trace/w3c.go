package trace

import (
	"bytes"
	"encoding/hex"

	"github.com/weirproxy/weir/core/stream"
)

// The fields of W3C Trace Context.
const (
	traceparent = "traceparent"
	tracestate  = "tracestate"
)

// parentSize is the length of a traceparent of version 00 (section 3.2.2).
const parentSize = len("00-") + 32 + len("-") + 16 + len("-00")

// parseParent reads a traceparent (W3C Trace Context, section 3.2). A later version
// may have more behind what is known of it.
func parseParent(v []byte) (c Remote, ok bool) {
	if len(v) < parentSize || v[2] != '-' || v[35] != '-' || v[52] != '-' {
		return c, false
	}
	var version, flags [1]byte
	if !unhex(version[:], v[:2]) || version[0] == 0xff ||
		!unhex(c.Trace[:], v[3:35]) || !unhex(c.Span[:], v[36:52]) || !unhex(flags[:], v[53:55]) {
		return Remote{}, false
	}
	if len(v) > parentSize && (version[0] == 0 || v[parentSize] != '-') || !c.Valid() {
		return Remote{}, false
	}
	if c.Sampled = flags[0]&1 != 0; c.Sampled {
		c.Decision = Record
	} else {
		c.Decision = Drop
	}
	return c, true
}

// appendParent appends a traceparent of version 00. Of the flags only that of
// sampling is ours to know.
func appendParent(dst []byte, c *stream.TraceContext) []byte {
	dst = hex.AppendEncode(append(dst, "00-"...), c.Trace[:])
	dst = hex.AppendEncode(append(dst, '-'), c.Span[:])
	return append(dst, '-', '0', '0'+bit(c.Sampled))
}

// maxMembers bounds a tracestate (section 3.3.1.1).
const maxMembers = 32

// state is the list of all tracestate fields of a head: the field itself where
// there is one, else their members joined in room. One that breaks the grammar is
// none (section 3.3.1.5).
func state(h *stream.Headers, room []byte) (list, grown []byte) {
	n := 0
	for i := range h.Fields() {
		f := h.At(i)
		if string(f.Name) != tracestate {
			continue
		}
		switch n++; n {
		case 1:
			list = f.Value
		case 2:
			room = append(append(append(room[:0], list...), ','), f.Value...)
		default:
			room = append(append(room, ','), f.Value...)
		}
	}
	if n > 1 {
		list = room
	}
	if !validState(list) {
		return nil, room
	}
	return list, room
}

func validState(list []byte) bool {
	members := 0
	for rest, more := list, true; more; {
		var member []byte
		member, rest, more = bytes.Cut(rest, comma)
		if members++; members > maxMembers {
			return false
		}
		if member = stream.TrimOWS(member); len(member) == 0 {
			continue
		}
		key, value, ok := bytes.Cut(member, equals)
		if !ok || !validKey(key) || !validMember(value) {
			return false
		}
		if twice(list, member, key) {
			return false
		}
	}
	return members > 0
}

var comma, equals = []byte(","), []byte("=")

// twice says whether a member before this one has its key. Members lie in list.
func twice(list, member, key []byte) bool {
	for rest := list; ; {
		var m []byte
		m, rest, _ = bytes.Cut(rest, comma)
		if m = stream.TrimOWS(m); len(m) > 0 && &m[0] == &member[0] {
			return false
		}
		if k, _, ok := bytes.Cut(m, equals); ok && bytes.Equal(k, key) {
			return true
		}
	}
}

// validKey: 1 to 256 of a-z 0-9 _ - * / and one @, beginning with a letter or a
// digit (section 3.3.1.3.1; the limits of a key's parts are not looked at).
func validKey(key []byte) bool {
	signs := 0
	for i, c := range key {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i == 0:
			return false
		case c == '@':
			signs++
		case c != '_' && c != '-' && c != '*' && c != '/':
			return false
		}
	}
	return len(key) > 0 && len(key) <= 256 && signs <= 1
}

// validMember: up to 256 printable characters of ASCII but the comma and the equals
// sign (section 3.3.1.3.2).
func validMember(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c > '~' || c == '=' {
			return false
		}
	}
	return len(v) > 0 && len(v) <= 256
}

// unhex reads lower case digits, exactly as many as fill dst.
func unhex(dst, src []byte) bool {
	for _, c := range src {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	_, err := hex.Decode(dst, src)
	return err == nil
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
