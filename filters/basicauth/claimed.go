package basicauth

import (
	"bytes"
	"encoding/base64"

	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/sdk"
)

// The bounds of what a client sends, in bytes.
const (
	maxName     = 128
	maxPassword = 72 // bcrypt looks at no more
	maxDecoded  = maxName + 1 + maxPassword
)

// claimed is the user and password of a request, valid until the callback's end.
func (f *filter) claimed(s *sdk.Stream) (name, password []byte, why *refusal) {
	sent, n := f.place.Only(s)
	switch {
	case n == credential.None:
		return nil, nil, &missing
	case n == credential.Several || credential.Joined(sent):
		return nil, nil, &several
	}
	name, password, ok := f.decode(sent)
	if !ok {
		return nil, nil, &malformed
	}
	return name, password, nil
}

// decode reads user:password in base64 (RFC 7617, section 2). Some clients
// leave the padding out.
func (f *filter) decode(sent []byte) (name, password []byte, ok bool) {
	sent = bytes.TrimRight(sent, "=")
	if base64.RawStdEncoding.DecodedLen(len(sent)) > maxDecoded {
		return nil, nil, false
	}
	b := f.buf[:maxDecoded]
	n, err := base64.RawStdEncoding.Decode(b, sent)
	if err != nil {
		return nil, nil, false
	}
	b = b[:n]
	colon := bytes.IndexByte(b, ':')
	if colon <= 0 || colon > maxName || len(b)-colon-1 > maxPassword || hasControl(b) {
		return nil, nil, false
	}
	return b[:colon], b[colon+1:], true
}

// hasControl finds control characters, which neither may have.
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return true
		}
	}
	return false
}
