package load

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/weirproxy/weir/bench/internal/frame"
)

// answer is what is looked at of one.
type answer struct {
	status int
	last   bool // the connection ends behind it
}

// reader reads answers that come one behind another.
type reader struct {
	in   *frame.Reader
	head bool // answers are to HEAD: they have no body
}

func newReader(in io.Reader, head bool) *reader { return &reader{frame.NewReader(in), head} }

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
	line, err := r.in.Line()
	if err != nil {
		return a, err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	a.status, err = strconv.Atoi(string(code))
	if !bytes.HasPrefix(version, []byte("HTTP/1.")) || err != nil || a.status < 100 || a.status > 999 || a.status == 101 {
		return a, fmt.Errorf("%.40q is no status line of an answer to this request", line)
	}
	old := bytes.Equal(version, []byte("HTTP/1.0"))
	body, err := r.in.Fields(nil)
	if err != nil {
		return a, err
	}
	a.last = body.Close || old
	switch {
	case r.head || a.status < 200 || a.status == 204 || a.status == 304:
		return a, nil
	case body.Chunked || body.Length >= 0:
		return a, r.in.Skip(body)
	}
	a.last = true
	return a, r.in.Rest()
}
