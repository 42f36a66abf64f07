package wasm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// record is what an entry holds beside machine code. Its file has a SHA-256 of
// what follows, JSON, and the outline.
//
// Nothing of an entry is used unless the record's sums are right. wazero's own
// checksum leaves out what stands around the code: a length that is wrong there
// takes any amount of memory, and the table of where functions begin makes calls
// land anywhere. So that frame is checked before wazero reads it. The code, which
// has megabytes, is checked where it is going to run from, before it runs.
type record struct {
	Info    meter.Info
	Pages   uint32 // of memory, at most
	Code    string // the machine code's file, within the entry
	At      int64  // where in that file the machine code is
	Len     int64  // of it
	Frame   string // SHA-256 of what is around it
	Sum     uint64 // xxHash64 of it: five times as fast, and it is damage that it tells
	outline []byte // in the record's file behind the rest
}

// recordName is the record's file.
const recordName = "record"

func readRecord(path string) (r record, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	mark, rest, _ := bytes.Cut(b, []byte("\n"))
	if h := sha256.Sum256(rest); hex.EncodeToString(h[:]) != string(mark) {
		return r, errDamaged
	}
	text, outline, _ := bytes.Cut(rest, []byte("\n"))
	if err := json.Unmarshal(text, &r); err != nil {
		return r, err
	}
	if !filepath.IsLocal(r.Code) {
		return r, errDamaged
	}
	r.outline = outline
	return r, nil
}

func (r *record) write(path string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	rest := append(append(text, '\n'), r.outline...)
	h := sha256.Sum256(rest)
	return os.WriteFile(path, append(hex.AppendEncode(nil, h[:]), "\n"+string(rest)...), 0o600)
}

// frame notes where in wazero's file the machine code is, and what is around it.
// Code that is not found there is not left out: all of the file is frame.
func (r *record) frame(file string, code []byte) error {
	whole, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if at := bytes.Index(whole, code); at >= 0 {
		r.At, r.Len = int64(at), int64(len(code))
	}
	r.Frame, err = r.sumFrame(bytes.NewReader(whole))
	return err
}

// checkFrame is errDamaged where what is around the machine code is not what it was.
func (r *record) checkFrame(file io.ReaderAt) error {
	got, err := r.sumFrame(file)
	if err == nil && got != r.Frame {
		err = errDamaged
	}
	return err
}

func (r *record) sumFrame(file io.ReaderAt) (string, error) {
	h := sha256.New()
	for _, part := range [...]*io.SectionReader{
		io.NewSectionReader(file, 0, r.At),
		io.NewSectionReader(file, r.At+r.Len, 1<<62),
	} {
		if _, err := io.Copy(h, part); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
