package hello

// reader takes TLS's presentation language apart (RFC 8446, section 3). After what
// does not fit it has failed: it is nil, and so is all that it reads.
type reader struct{ b []byte }

func (r *reader) failed() bool { return r.b == nil }
func (r *reader) empty() bool  { return len(r.b) == 0 }

// take is the next n bytes.
func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.b = nil
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) skip(n int) { r.take(n) }

// number is the next n bytes as a number.
func (r *reader) number(n int) (v int) {
	for _, c := range r.take(n) {
		v = v<<8 | int(c)
	}
	return v
}

// vector is the bytes behind a length of n bytes.
func (r *reader) vector(n int) []byte {
	size := r.number(n)
	if r.failed() {
		return nil
	}
	return r.take(size)
}
