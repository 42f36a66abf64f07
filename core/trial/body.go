package trial

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// pieces are a body's, each as the file has it: what is long is made when it is
// needed.
type pieces []piece

type piece struct {
	data  []byte
	times int
	file  string // in place of data
}

// maxBody bounds one body, in bytes.
const maxBody = 64 << 20

// bytes are the pieces themselves.
func (p pieces) bytes() (all [][]byte, err error) {
	for _, one := range p {
		data := one.data
		if one.file != "" {
			if data, err = readBody(one.file); err != nil {
				return nil, err
			}
		}
		all = append(all, bytes.Repeat(data, one.times))
	}
	return all, nil
}

// DecodeTOML reads one piece or a list of them.
func (p *pieces) DecodeTOML(r *config.Reader, raw any) {
	size := 0
	one := func(r *config.Reader, raw any) {
		b, ok := readPiece(r, raw)
		switch size += len(b.data) * b.times; {
		case size > maxBody:
			r.Reject("makes the body longer than %v, the most there is", config.Size(maxBody))
		case ok && (len(b.data)*b.times > 0 || b.file != ""):
			*p = append(*p, b)
		}
	}
	if !r.Each(raw, one) {
		one(r, raw)
	}
}

// readPiece reads "text", { hex = }, { file = } or { text =, times = }.
func readPiece(r *config.Reader, raw any) (piece, bool) {
	if s, ok := raw.(string); ok {
		return piece{data: []byte(s), times: 1}, true
	}
	if _, ok := raw.(map[string]any); !ok {
		r.RejectKind(raw, "a string or one of { hex = \"00ff\" }, { file = \"path\" }, { text = \"x\", times = 1000 }")
		return piece{}, false
	}
	var t struct {
		Hex   *string `toml:"hex"`
		File  *string `toml:"file"`
		Text  *string `toml:"text"`
		Times *int    `toml:"times"`
	}
	r.Into(raw, &t)
	switch {
	case t.Hex != nil && t.File == nil && t.Text == nil && t.Times == nil:
		b, ok := unhex(r, *t.Hex)
		return piece{data: b, times: 1}, ok
	case t.File != nil && t.Hex == nil && t.Text == nil && t.Times == nil:
		path := r.Resolve(*t.File)
		_, err := statBody(path)
		if err != nil {
			r.Reject("%v", err)
		}
		return piece{file: path, times: 1}, err == nil
	case t.Text != nil && t.Hex == nil && t.File == nil:
		n := 1
		if t.Times != nil {
			n = *t.Times
		}
		if n < 0 || n > maxBody || len(*t.Text)*n > maxBody {
			r.Reject("times = %d is out of range: a body has at most %v", n, config.Size(maxBody))
			return piece{}, false
		}
		return piece{data: []byte(*t.Text), times: n}, true
	}
	r.Reject("has to have one of hex, file and text, and times beside text alone")
	return piece{}, false
}

func unhex(r *config.Reader, s string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		r.Reject("%q is not hexadecimal: %v", s, err)
	}
	return b, err == nil
}

// statBody says whether a file can be a body.
func statBody(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("file %q: %w", path, unwrapped(err))
	case !info.Mode().IsRegular() || info.Size() > maxBody:
		return nil, fmt.Errorf("%q is not a file of at most %v", path, config.Size(maxBody))
	}
	return info, nil
}

func readBody(path string) ([]byte, error) {
	if _, err := statBody(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// content is a file's, for a text.
func content(r *config.Reader, name string) ([]byte, bool) {
	b, err := readBody(r.Resolve(name))
	if err != nil {
		r.Reject("%v", err)
	}
	return b, err == nil
}
