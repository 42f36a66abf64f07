package grpc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// prefix is what stands before each message: whether it is compressed, and its
// length in four bytes.
const prefix = 5

// AppendFrame writes a message with what stands before it.
func AppendFrame[T string | []byte](dst []byte, message T) []byte {
	dst = append(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(message)))
	return append(dst, message...)
}

// Frames finds the messages in a body that comes in pieces.
type Frames struct {
	Max  int // bytes of a message at most
	rest []byte
}

// The errors of Next. The call cannot go on.
var (
	ErrTooLong    = errors.New("reading a gRPC message: it is longer than the limit")
	ErrCompressed = errors.New("reading a gRPC message: it is compressed, which nobody asked for")
)

// Feed adds a piece.
func (f *Frames) Feed(b []byte) { f.rest = append(f.rest, b...) }

// Next is the next message that is there whole. It is valid until Feed.
func (f *Frames) Next() (message []byte, ok bool, err error) {
	if len(f.rest) == 0 {
		f.rest = nil
	}
	if len(f.rest) < prefix {
		return nil, false, nil
	}
	n := binary.BigEndian.Uint32(f.rest[1:prefix])
	switch {
	case f.rest[0] != 0:
		return nil, false, ErrCompressed
	case uint64(n) > uint64(f.Max):
		return nil, false, fmt.Errorf("%w: %d bytes, of %d", ErrTooLong, n, f.Max)
	case len(f.rest) < prefix+int(n):
		return nil, false, nil
	}
	message = f.rest[prefix : prefix+int(n) : prefix+int(n)]
	f.rest = f.rest[prefix+int(n):]
	return message, true, nil
}

// Left is the number of bytes of a message that is not yet whole.
func (f *Frames) Left() int { return len(f.rest) }
