package http2

import (
	"strconv"
	"sync"

	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// encoder turns fields into a header block. It keeps no dynamic table, so that
// blocks do not depend on each other: they are made outside of the connection's
// lock, in any order, and names and values need not be kept.
type encoder struct {
	enc   *hpack.Encoder
	block []byte
	digit [20]byte
}

// Write is for the hpack encoder.
func (e *encoder) Write(p []byte) (int, error) {
	e.block = append(e.block, p...)
	return len(p), nil
}

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.enc = hpack.NewEncoder(e)
	e.enc.SetMaxDynamicTableSize(0)
	_ = e.enc.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	return e
}}

// tableUpdate says that our blocks use no dynamic table, whatever the peer
// allows (RFC 7541, section 6.3). It starts a connection's first block.
const tableUpdate = 0x20

// newBlock lends an encoder whose block is empty but for room for tableUpdate.
func newBlock() *encoder {
	e := encoders.Get().(*encoder)
	e.block = append(e.block[:0], tableUpdate)
	return e
}

// maxKeptBlock bounds what the pool holds on to, in bytes.
const maxKeptBlock = 64 << 10

func (e *encoder) done() {
	if cap(e.block) <= maxKeptBlock {
		encoders.Put(e)
	}
}

func (e *encoder) add(name string, value []byte) {
	_ = e.enc.WriteField(hpack.HeaderField{Name: name, Value: textOf(value)})
}

func (e *encoder) number(name string, n int64) { e.add(name, strconv.AppendInt(e.digit[:0], n, 10)) }

// fields adds those that the connection does not decide about.
func (e *encoder) fields(h *stream.Headers) {
	for i := range h.Fields() {
		if f := h.At(i); !http1.Framed(f.Name) {
			e.add(textOf(f.Name), f.Value)
		}
	}
}

// trailers adds those that may stand behind a body, and says whether there
// were any.
func (e *encoder) trailers(h *stream.Headers) (some bool) {
	for i := range h.Fields() {
		if f := h.At(i); http1.MayTrail(f.Name) && !http1.Framed(f.Name) {
			e.add(textOf(f.Name), f.Value)
			some = true
		}
	}
	return some
}

// appendBlock appends an encoded block as the head or the trailers of s. The
// lock is held.
func (s *Stream) appendBlock(e *encoder, end bool) {
	block := e.block
	if s.c.encoded {
		block = block[1:]
	}
	s.c.encoded = true
	s.c.appendHead(s.id, block, end)
}
