package jsonconf

// maxSkipped is how deep a value that is passed over may be nested.
const maxSkipped = 64

// Skip passes over a value of any kind: for texts that are not all ours, which
// may hold more than we know.
func (r *Reader) Skip() { r.skip(0) }

func (r *Reader) skip(depth int) {
	if depth == maxSkipped {
		r.Fail("is nested too deeply: 64 levels are allowed")
		return
	}
	switch r.peek() {
	case '{':
		r.Object(func([]byte) { r.skip(depth + 1) })
	case '[':
		r.List(func(int) { r.skip(depth + 1) })
	case '"':
		r.quoted()
	case 't', 'f':
		r.Bool()
	case 'n':
		if !r.word("null") {
			r.syntax("a value")
		}
	default:
		r.number("a value")
	}
}
