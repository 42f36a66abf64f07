package filter

// Coder turns a body into another while it streams by. One goroutine at a time
// calls it.
type Coder interface {
	// Encode takes the next piece and answers what is to be passed on, perhaps
	// nothing, valid until the next call. end is the body's: no piece follows.
	Encode(piece []byte, end bool) []byte
	// Flush answers what is held back, as Encode does.
	Flush() []byte
	// Close ends it, at whatever point of the body.
	Close()
}
