package coding

import "sync"

// Encoder puts one body into a coding. It is used by one goroutine at a time.
type Encoder struct {
	engine engine
	home   *Encoders
	kind   *kind
	pool   *sync.Pool
	cost   int64
	out    sink
}

// engine is an encoder of one of the libraries. What it writes goes to the sink
// that it was reset with.
type engine interface {
	Reset(out *sink)
	Write(piece []byte) error
	Flush() error // all that was written can be decoded from what came out
	Close() error // the body's end
}

// sink gathers what an engine writes.
type sink []byte

func (s *sink) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}

// Encode takes the next piece of the body and answers what is ready of its
// encoding, perhaps nothing, valid until the next call. end ends it: nothing
// may follow.
func (e *Encoder) Encode(piece []byte, end bool) []byte {
	e.out = e.out[:0]
	e.cost += e.kind.perByte * int64(len(piece))
	e.done(e.engine.Write(piece))
	if end {
		e.done(e.engine.Close())
	}
	return e.out
}

// Flush answers what is held back, so that all pieces so far can be decoded.
func (e *Encoder) Flush() []byte {
	e.out = e.out[:0]
	e.cost += perFlush
	e.done(e.engine.Flush())
	return e.out
}

// done asserts what holds for every engine: writing to memory cannot fail.
func (e *Encoder) done(err error) {
	if err != nil {
		panic("coding: writing to memory failed: " + err.Error())
	}
}

// Cost is about how many nanoseconds of work this body took.
func (e *Encoder) Cost() int64 { return e.cost }

// perFlush is about what a flush costs, in nanoseconds.
const perFlush = 5_000

// maxKept bounds the output buffer that an encoder keeps for its next body, in
// bytes.
const maxKept = 64 << 10

// Close gives the encoder back, at whatever point of the body. It must not be
// used any more.
func (e *Encoder) Close() {
	if cap(e.out) > maxKept {
		e.out = nil
	}
	e.home.put(e)
}
