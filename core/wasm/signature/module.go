package signature

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// preamble begins each module: the magic number and the version.
var preamble = []byte("\x00asm\x01\x00\x00\x00")

// Section is the name of the custom section that holds a module's signature.
const Section = "signature"

// parts are a module's: the data of the signature in it, nil without, and what
// that is of, which is all behind it.
type parts struct{ signature, content []byte }

// split takes a module apart. It looks at each section's name and size, so that
// nobody else finds a signature where it found none.
func split(code []byte) (parts, error) {
	if !bytes.HasPrefix(code, preamble) {
		return parts{}, errors.New("reading the module: it is no WebAssembly core module of version 1")
	}
	r := &reader{b: code[len(preamble):]}
	p := parts{content: r.b}
	for first := true; len(r.b) > 0; first = false {
		data, is := section(r)
		switch {
		case r.err != nil:
			return parts{}, fmt.Errorf("reading the module: %w", r.err)
		case !is:
		case !first && p.signature != nil:
			return parts{}, fmt.Errorf("reading the module: it has more than one section %q", Section)
		case !first:
			return parts{}, fmt.Errorf("reading the module: its section %q stands behind others, it must be the first", Section)
		default:
			p.signature, p.content = data, r.b
		}
	}
	return p, nil
}

// section reads one, and answers the data of one that is a signature. The
// sizes of others are as their tools have written them.
func section(r *reader) (data []byte, signature bool) {
	id, before := r.u8(), r.b
	size, n := binary.Uvarint(r.b)
	if r.err != nil || n <= 0 || size > 1<<32-1 {
		r.fail(errCut)
		return nil, false
	}
	r.b = r.b[n:]
	body := r.bytes(size)
	if id != 0 || r.err != nil {
		return nil, false
	}
	length, m := binary.Uvarint(body)
	if m <= 0 || length > uint64(len(body)-m) {
		r.fail(errors.New("a custom section has no name"))
		return nil, false
	}
	if string(body[m:][:length]) != Section {
		return nil, false
	}
	if before[n-1] == 0 && n > 1 || m != 1 {
		r.fail(errNumber)
	}
	return body[m:][length:], true
}

// with is a module of that signature and content.
func with(signature, content []byte) []byte {
	body := append(appendSized(nil, []byte(Section)), signature...)
	out := append(bytes.Clone(preamble), 0)
	return append(appendSized(out, body), content...)
}
