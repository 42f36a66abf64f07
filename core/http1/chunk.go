package http1

// chunkState is where in a chunked body the next byte stands (RFC 9112,
// section 7.1).
type chunkState uint8

const (
	chunkFirst   chunkState = iota // first digit of a size
	chunkSize                      // further digits
	chunkExt                       // extension, ignored but counted
	chunkSizeLF                    // LF of the size line
	chunkData                      // left bytes of data
	chunkDataCR                    // CR behind them
	chunkDataLF                    // LF behind that
	chunkTrailer                   // trailer section
)

// freeExtra is how many bytes of extensions a body may have beyond as many as
// it has data.
const freeExtra = 4 << 10

// maxDigits bounds a chunk's size, leading zeros included: they are no data.
const maxDigits = 15

// decode takes the chunks out of what was read. Data that lies apart is
// moved together in place, so that many small chunks become one piece.
func (r *Reader) decode() (data []byte, end bool, err error) {
	b, u := &r.body, r.unread()
	out, i := 0, 0
	for i < len(u) {
		if b.chunk == chunkData {
			n := int(min(int64(len(u)-i), b.left))
			if out != i {
				copy(u[out:], u[i:i+n])
			}
			out, i = out+n, i+n
			b.count += int64(n)
			if b.left -= int64(n); b.left == 0 {
				b.chunk = chunkDataCR
			}
			continue
		}
		c := u[i]
		i++
		if b.chunk == chunkTrailer {
			done, err := r.trailerByte(c)
			if err != nil {
				return nil, false, err
			}
			if done {
				b.kind = bodyNone
				r.take(i)
				return u[:out:out], true, nil
			}
			continue
		}
		if err := b.frame(c); err != nil {
			return nil, false, err
		}
	}
	r.take(i)
	return u[:out:out], false, nil
}

// frame takes one byte of a chunk's frame.
func (b *body) frame(c byte) error {
	switch b.chunk {
	case chunkFirst, chunkSize:
		d := hexDigit[c]
		switch {
		case d != 0:
			if b.digits++; b.digits > maxDigits {
				return errChunk
			}
			b.left = b.left<<4 | int64(d-1)
			b.chunk = chunkSize
			return nil
		case b.chunk == chunkFirst:
			return errChunk
		case c == ';':
			b.chunk = chunkExt
			return nil
		case c == '\r':
			b.chunk = chunkSizeLF
			return nil
		}
		return errChunk
	case chunkExt:
		if c == '\r' {
			b.chunk = chunkSizeLF
			return nil
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			return errChunk
		}
		if b.extra++; b.extra > b.count+freeExtra {
			return errChunkExt
		}
		return nil
	case chunkSizeLF:
		b.chunk = chunkData
		if b.left == 0 {
			b.chunk = chunkTrailer
		}
		return must(c, '\n')
	case chunkDataCR:
		b.chunk = chunkDataLF
		return must(c, '\r')
	default: // chunkDataLF
		b.chunk, b.digits = chunkFirst, 0
		return must(c, '\n')
	}
}

func must(c, want byte) error {
	if c != want {
		return errChunk
	}
	return nil
}

// hexDigit is a digit's value plus one, 0 for what is none.
var hexDigit = func() (t [256]byte) {
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i + 1)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(i + 11)
	}
	return t
}()

// trailerByte takes one byte of the trailer section and says whether it was
// the last.
func (r *Reader) trailerByte(c byte) (done bool, err error) {
	t := append(r.trail, c)
	r.trail = t
	n := len(t)
	switch {
	case n > r.limits.Bytes:
		return false, errTrailerBig
	case c == '\n' && (n < 2 || t[n-2] != '\r'):
		return false, errTrailer
	case n == 2 && c == '\n':
		return true, nil
	case n < 4 || string(t[n-4:]) != "\r\n\r\n":
		return false, nil
	}
	l := &r.limits
	for count, b := 0, t; len(b) > 2; count++ {
		if count == l.Count {
			return false, errTrailerBig
		}
		name, value, rest, err := field(b, l.names())
		if err != nil {
			if b, err = l.skip(b, err); err != nil {
				return false, errTrailer
			}
			continue
		}
		if !mayTrail(name) {
			return false, errTrailer
		}
		r.trailers.AppendRaw(name, value)
		b = rest
	}
	return true, nil
}

// mayTrail refuses fields that frame, route, authenticate or describe a
// message: behind the body they could only mislead (RFC 9110, section 6.5.1).
func mayTrail(name []byte) bool {
	switch string(name) {
	case "connection", "keep-alive", "proxy-connection", "upgrade", "te", "expect", "trailer",
		"content-encoding", "content-type", "content-range", "cache-control", "max-forwards", "range",
		"proxy-authorization", "proxy-authenticate", "www-authenticate":
		return false
	}
	return !protected(string(name))
}
