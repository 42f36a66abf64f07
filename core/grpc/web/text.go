package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
)

// ErrText is a text that is no base64, or ends within a group of it.
var ErrText = errors.New("gRPC-Web text is not base64")

// Decoder reads a text that comes in pieces, cut anywhere. Writers may pad
// wherever they flush, so a padded group is not the end. The zero value is
// ready.
type Decoder struct {
	group [4]byte // one that has begun
	n     int     // bytes of it
	out   []byte
}

// Decode is what a piece says, together with what was left of the one before.
// It is valid until the next call.
func (d *Decoder) Decode(text []byte) ([]byte, error) {
	d.out = slices.Grow(d.out[:0], base64.StdEncoding.DecodedLen(len(text)+len(d.group)))
	if d.n > 0 {
		n := copy(d.group[d.n:], text)
		if d.n, text = d.n+n, text[n:]; d.n < len(d.group) {
			return nil, nil
		}
		if err := d.groups(d.group[:]); err != nil {
			return nil, err
		}
	}
	whole := len(text) &^ 3
	d.n = copy(d.group[:], text[whole:])
	for text = text[:whole]; len(text) > 0; {
		end := len(text)
		if i := bytes.IndexByte(text, '='); i >= 0 {
			end = i&^3 + 4
		}
		if err := d.groups(text[:end]); err != nil {
			return nil, err
		}
		text = text[end:]
	}
	return d.out, nil
}

// strict also refuses bits that say nothing: one message has one text.
var strict = base64.StdEncoding.Strict()

// groups decodes whole groups, of which the last alone may be padded.
func (d *Decoder) groups(text []byte) (err error) {
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 { // the library skips them
		return ErrText
	}
	if d.out, err = strict.AppendDecode(d.out, text); err != nil {
		return ErrText
	}
	return nil
}

// End says whether the text may end here.
func (d *Decoder) End() error {
	if d.n > 0 {
		return ErrText
	}
	return nil
}

// AppendText writes a piece of a body as text, padded, so that its reader has
// all of it at once.
func AppendText(dst, piece []byte) []byte { return base64.StdEncoding.AppendEncode(dst, piece) }
