package http1

import "github.com/weirproxy/weir/core/stream"

// writer puts messages on a connection. Small pieces are gathered in one
// buffer; large ones are written from where they are.
type writer struct {
	t       Transport
	out     *[]byte // nil while nothing is gathered
	n       int
	chunked bool
	left    int64 // of a known length still to write
	known   bool
	ended   bool
}

// gatherLimit is the largest piece that is copied rather than written from
// its place, in bytes: about what a second vector entry costs.
const gatherLimit = 4 << 10

func (w *writer) begin(length int64) {
	w.chunked = length == Unknown
	w.known, w.left = length >= 0, length
	w.ended = false
}

// gathered is what waits to be written; set puts back what appending made.
func (w *writer) gathered() []byte {
	if w.out == nil {
		w.out = classOf(8 << 10).Get()
	}
	return (*w.out)[:w.n]
}

func (w *writer) set(b []byte) {
	w.n = len(b)
	if len(b) > len(*w.out) { // append moved it: keep the larger one
		larger := b[:cap(b)] // a name of its own: b itself must not escape
		w.out = &larger
	}
}

// put writes what is gathered and then chunk as body. flush says whether all
// must be on its way when put returns.
func (w *writer) put(chunk []byte, end bool, trailers *stream.Headers) error {
	if w.known {
		if int64(len(chunk)) > w.left || end && int64(len(chunk)) < w.left {
			return ErrWrongLength
		}
		w.left -= int64(len(chunk))
	}
	out := w.gathered()
	if len(chunk) > 0 && w.chunked {
		out = appendChunkSize(out, len(chunk))
	}
	direct := len(chunk) > gatherLimit || len(out)+len(chunk)+16 > cap(out)
	if !direct {
		out = append(out, chunk...)
	}
	if w.chunked {
		cut := len(out)
		if len(chunk) > 0 {
			out = append(out, "\r\n"...)
		}
		if end {
			out = appendTrailers(out, trailers)
		}
		if direct {
			w.ended = end
			w.set(out)
			err := w.t.WriteVec(out[:cut], chunk, out[cut:])
			w.reset()
			return err
		}
	}
	w.ended = end
	w.set(out)
	if direct {
		err := w.t.WriteVec(out, chunk, nil)
		w.reset()
		return err
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.n == 0 {
		return nil
	}
	err := w.t.WriteVec((*w.out)[:w.n], nil, nil)
	w.reset()
	return err
}

func (w *writer) reset() { w.n = 0 }

// drop gives the buffer back.
func (w *writer) drop() {
	if w.out != nil {
		if c := classOf(len(*w.out)); c.size == len(*w.out) {
			c.Put(w.out)
		}
		w.out = nil
	}
	w.n = 0
}
