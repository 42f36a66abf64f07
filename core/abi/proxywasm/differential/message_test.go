package differential_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// field is a header field as it came, its name in lower case.
type field struct{ name, value string }

// message is a request or a response as it came over the wire.
type message struct {
	start    string
	fields   []field
	body     []byte
	trailers []field
}

func (m *message) get(name string) string {
	for _, f := range m.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// readHead reads a start line and its fields.
func readHead(r *bufio.Reader) (*message, error) {
	start, err := readLine(r)
	if err != nil {
		return nil, err
	}
	m := &message{start: start}
	m.fields, err = readFields(r)
	return m, err
}

func readFields(r *bufio.Reader) (all []field, err error) {
	for {
		line, err := readLine(r)
		if err != nil || line == "" {
			return all, err
		}
		name, value, _ := strings.Cut(line, ":")
		all = append(all, field{strings.ToLower(name), strings.TrimSpace(value)})
	}
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

// readBody reads what the head announces. toEnd says that a message without a
// length lasts until the connection ends, as responses do.
func (m *message) readBody(r *bufio.Reader, toEnd bool) (err error) {
	switch length := m.get("content-length"); {
	case strings.EqualFold(m.get("transfer-encoding"), "chunked"):
		return m.readChunks(r)
	case length != "":
		n, err := strconv.Atoi(length)
		if err != nil {
			return err
		}
		m.body = make([]byte, n)
		got, err := io.ReadFull(r, m.body)
		m.body = m.body[:got]
		return err
	case toEnd:
		m.body, err = io.ReadAll(r)
	}
	return err
}

func (m *message) readChunks(r *bufio.Reader) error {
	for {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(line, 16, 31)
		if err != nil {
			return fmt.Errorf("reading a chunk's size: %w", err)
		}
		if n == 0 {
			m.trailers, err = readFields(r)
			return err
		}
		chunk := make([]byte, n+2)
		got, err := io.ReadFull(r, chunk)
		m.body = append(m.body, chunk[:min(got, int(n))]...)
		if err != nil {
			return err
		}
	}
}

// lines shows the message, each line behind a mark. Fields are in the order of
// their names: what stands between two of one name has no meaning in HTTP.
func (m *message) lines(mark string) (out []string) {
	out = append(out, mark+m.start)
	for _, f := range sorted(m.fields) {
		out = append(out, fmt.Sprintf("%s%s: %q", mark, f.name, f.value))
	}
	if len(m.body) > 0 {
		out = append(out, mark+"body "+shown(m.body))
	}
	for _, f := range sorted(m.trailers) {
		out = append(out, fmt.Sprintf("%strailer %s: %q", mark, f.name, f.value))
	}
	return out
}

func sorted(fields []field) []field {
	fields = slices.Clone(fields)
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return fields
}

// shown is a body in quotes; of a long one the begin, the end and the size.
func shown(b []byte) string {
	if len(b) <= 200 {
		return strconv.Quote(string(b))
	}
	return fmt.Sprintf("%q … %q, %d bytes", b[:60], b[len(b)-60:], len(b))
}

// ending says how reading a message ended, "" for well.
func ending(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return ""
	case errors.As(err, &timeout) && timeout.Timeout():
		return "nothing more comes"
	}
	return "cut"
}
