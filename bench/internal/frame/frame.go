// Package frame finds where messages of HTTP/1.1 end, as cheaply as it can: what
// the ends of a benchmark need, who know what they are sent.
//
// Start at [Reader].
package frame

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Bounds of a head, and of trailers.
const (
	LineSize  = 16 << 10
	MaxFields = 1000
)

// Reader reads messages that come one behind another.
type Reader struct{ in *bufio.Reader }

// NewReader reads from in.
func NewReader(in io.Reader) *Reader { return &Reader{bufio.NewReaderSize(in, LineSize)} }

// Body is what a head says of the body behind it.
type Body struct {
	Length  int64 // -1: none is given
	Chunked bool
	Close   bool // the connection ends behind it
}

// Line is without its end. It is good until the next is read.
func (r *Reader) Line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("a message has a line of more than %d bytes", LineSize)
	case errors.Is(err, io.EOF):
		return nil, errors.New("the connection ended within a message, or before it")
	case err != nil:
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// Fields reads those of a head. each is told of their lines, if it is not nil.
func (r *Reader) Fields(each func(line []byte)) (b Body, err error) {
	b.Length = -1
	for range MaxFields {
		line, err := r.Line()
		if err != nil || len(line) == 0 {
			return b, err
		}
		if each != nil {
			each(line)
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if b.Length, err = strconv.ParseInt(string(value), 10, 64); err != nil || b.Length < 0 {
				return b, fmt.Errorf("%.40q is no length", value)
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			b.Chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			b.Close = bytes.EqualFold(value, []byte("close"))
		}
	}
	return b, fmt.Errorf("a message has more than %d header fields", MaxFields)
}

// Skip passes over a body whose end is known.
func (r *Reader) Skip(b Body) error {
	if b.Chunked {
		return r.chunks()
	}
	return r.bytes(max(b.Length, 0))
}

// Rest passes over all until the connection ends.
func (r *Reader) Rest() error {
	_, err := io.Copy(io.Discard, r.in)
	return err
}

func (r *Reader) bytes(n int64) error {
	for n > 0 {
		most := min(n, 1<<30) // an int everywhere
		if _, err := r.in.Discard(int(most)); err != nil {
			return fmt.Errorf("reading a body: %w", err)
		}
		n -= most
	}
	return nil
}

// chunks passes over a body in chunks, and its trailers.
func (r *Reader) chunks() error {
	for {
		line, err := r.Line()
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 63)
		if err != nil || n < 0 {
			return fmt.Errorf("%.40q is no size of a chunk", line)
		}
		if n == 0 {
			_, err := r.Fields(nil)
			return err
		}
		if err := r.bytes(n); err != nil {
			return err
		}
		if line, err = r.Line(); err != nil {
			return err
		}
		if len(line) > 0 {
			return fmt.Errorf("%.40q stands behind a chunk", line)
		}
	}
}
