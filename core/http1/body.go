package http1

import "github.com/weirproxy/weir/core/stream"

// bodyKind is how a body's end is found.
type bodyKind uint8

const (
	bodyNone bodyKind = iota // also: read to its end
	bodyLength
	bodyChunked
	bodyUntilEOF
)

// body is how far a message's body has been read.
type body struct {
	kind  bodyKind
	left  int64 // bytes of the body, or of the chunk
	chunk chunkState

	digits uint8 // of the chunk's size
	count  int64 // body bytes taken
	extra  int64 // bytes of chunk extensions
}

// start notes the framing of the message whose head was read.
func (r *Reader) start(f *Framing) {
	switch {
	case f.Chunked:
		r.body = body{kind: bodyChunked}
	case f.UntilEOF:
		r.body = body{kind: bodyUntilEOF}
	case f.Length > 0:
		r.body = body{kind: bodyLength, left: f.Length}
	default:
		r.body = body{}
	}
}

// Left is how many bytes of the body are still to be read, Unknown if nobody
// can tell.
func (r *Reader) Left() int64 {
	switch r.body.kind {
	case bodyNone:
		return 0
	case bodyLength:
		return r.body.left
	}
	return Unknown
}

// Done says whether the message was read to its end.
func (r *Reader) Done() bool { return r.body.kind == bodyNone }

// Ready is the next piece of the body as far as it was read along already; it
// reads nothing. end says that the message ends with it.
func (r *Reader) Ready() (chunk []byte, end bool, err error) {
	b, u := &r.body, r.unread()
	switch b.kind {
	case bodyNone:
		return nil, true, nil
	case bodyChunked:
		if len(u) == 0 {
			return nil, false, nil
		}
		return r.decode()
	case bodyLength:
		chunk = u[:min(int64(len(u)), b.left)]
		if b.left -= int64(len(chunk)); b.left == 0 {
			b.kind = bodyNone
		}
	default:
		chunk = u
	}
	r.take(len(chunk))
	return chunk, b.kind == bodyNone, nil
}

// Next is the next piece of the body, of at most the window's size, valid
// until the call after it. end comes with the last piece if that is known
// then, else with an empty one. It waits only when nothing of the body is
// there. A body that ends early is ErrTruncated, also a chunked one.
func (r *Reader) Next() (chunk []byte, end bool, err error) {
	for r.body.kind != bodyNone {
		if err := r.fill(); err != nil {
			if err = r.bodyEnd(err); err == errEnd {
				return nil, true, nil
			}
			return nil, false, err
		}
		if chunk, end, err = r.Ready(); err != nil || end || len(chunk) > 0 {
			return chunk, end, err
		}
	}
	return nil, true, nil
}

func (r *Reader) bodyEnd(err error) error {
	if !isEnd(err) {
		return err
	}
	if r.body.kind == bodyUntilEOF {
		r.body.kind = bodyNone
		return errEnd
	}
	return ErrTruncated
}

// Trailers are those of the message, read to its end; nil if there were none.
func (r *Reader) Trailers() *stream.Headers {
	if r.trailers.Len() == 0 {
		return nil
	}
	return &r.trailers
}
