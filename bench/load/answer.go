package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// answer is what is looked at of one.
type answer struct {
	status int
	last   bool // the connection ends behind it
}

// reader reads answers of HTTP/1.1 that come one behind another.
type reader struct {
	in   *bufio.Reader
	head bool // answers are to HEAD: they have no body
}

// lineSize bounds a line of a head.
const lineSize = 16 << 10

func newReader(in io.Reader, head bool) *reader {
	return &reader{bufio.NewReaderSize(in, lineSize), head}
}

// next reads one answer to its end. Interim answers before it are passed over.
func (r *reader) next() (a answer, err error) {
	for a.status < 200 {
		if a, err = r.one(); err != nil {
			return a, err
		}
	}
	return a, nil
}

// one reads one answer, which may be an interim one.
func (r *reader) one() (a answer, err error) {
	line, err := r.line()
	if err != nil {
		return a, err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	a.status, err = strconv.Atoi(string(code))
	if !bytes.HasPrefix(version, []byte("HTTP/1.")) || err != nil || a.status < 100 || a.status > 999 || a.status == 101 {
		return a, fmt.Errorf("%.40q is no status line of an answer to this request", line)
	}
	a.last = bytes.Equal(version, []byte("HTTP/1.0"))
	length, chunked := int64(-1), false
	for n := 0; ; n++ {
		if n == maxFields {
			return a, fmt.Errorf("an answer has more than %d header fields", maxFields)
		}
		if line, err = r.line(); err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil || length < 0 {
				return a, fmt.Errorf("%.40q is no length", value)
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			a.last = a.last || bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case r.head || a.status < 200 || a.status == 204 || a.status == 304:
	case chunked:
		err = r.chunks()
	case length >= 0:
		err = r.skip(length)
	default:
		a.last = true
		_, err = io.Copy(io.Discard, r.in)
	}
	return a, err
}

// maxFields bounds a head, or trailers.
const maxFields = 1000

// line is without its end. It is good until the next is read.
func (r *reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("an answer has a line of more than %d bytes", lineSize)
	case errors.Is(err, io.EOF):
		return nil, errors.New("the connection ended within an answer, or before it")
	case err != nil:
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// skip passes over bytes of a body.
func (r *reader) skip(n int64) error {
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
func (r *reader) chunks() error {
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 63)
		if err != nil || n < 0 {
			return fmt.Errorf("%.40q is no size of a chunk", line)
		}
		if n == 0 {
			break
		}
		if err := r.skip(n); err != nil {
			return err
		}
		if line, err = r.line(); err != nil || len(line) > 0 {
			return errors.Join(err, fmt.Errorf("%.40q stands behind a chunk", line))
		}
	}
	for range maxFields {
		line, err := r.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
	return fmt.Errorf("an answer has more than %d trailers", maxFields)
}
