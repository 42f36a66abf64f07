package wasm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// An entry of the cache holds all that compiling a module gave, so that a
// start neither meters, nor decodes and validates code, nor compiles:
//
//	record                      a SHA-256 of what follows, JSON, the outline
//	wazero-VERSION-PLATFORM/ID  the machine code, where wazero looks for it
//	image                       the machine code alone, to be mapped (see image.go)
//
// wazero's own checksum leaves out the table of where functions begin, and a
// bit that flips there makes calls land anywhere. So the record has the SHA-256
// of the machine code, and nothing is run without that.

// record is what an entry holds beside machine code.
type record struct {
	Info    meter.Info
	Pages   uint32 // of memory, at most
	Code    string // the machine code's file, within the entry
	Sum     string // its SHA-256
	outline []byte // in a file behind the rest
}

// recordName is the record's file.
const recordName = "record"

// errDamaged is what an entry is that does not hold what was put there.
var errDamaged = errors.New("its contents are not what was put there")

// entry is the folder of a content.
func (e *Engine) entry(key contentKey) string {
	return filepath.Join(e.dir, fmt.Sprintf("%v-%d", key.hash, key.pages))
}

// recall gives what the cache has of a content: an error that is
// fs.ErrNotExist without an entry, errDamaged or another with one that is of
// no use.
func (e *Engine) recall(key contentKey) (*shared, error) {
	dir := e.entry(key)
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	r, err := readRecord(filepath.Join(dir, recordName))
	if err != nil {
		return nil, broken(err)
	}
	path := filepath.Join(dir, r.Code)
	f, err := os.Open(path)
	if err != nil {
		return nil, broken(err)
	}
	defer f.Close()
	if got, err := sum(f); err != nil || got != r.Sum {
		return nil, broken(err)
	}
	sh := &shared{key: key, pages: r.Pages, info: r.Info}
	if err := e.compile(sh, r.outline, dir); err != nil {
		return nil, broken(err)
	}
	err = onlyFile(dir, path, f)
	if err == nil {
		err = takeImage(sh, dir)
	}
	if err != nil {
		sh.close()
		return nil, broken(err)
	}
	return sh, nil
}

// onlyFile fails unless the entry's machine code is still what was verified,
// and no other. Where wazero did not find it, for it was removed or the
// processor is another, it has compiled the outline, and written that.
func onlyFile(dir, path string, verified *os.File) error {
	found, err := codeFile(dir)
	if err != nil {
		return err
	}
	was, err := verified.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(found)
	if err == nil && (found != path || !os.SameFile(was, is)) {
		err = errDamaged
	}
	return err
}

// broken is an error of an entry that is there.
func broken(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return errDamaged
	}
	return err
}

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

// sum is a file's SHA-256 in hexadecimal.
func sum(f io.Reader) (string, error) {
	h := sha256.New()
	// In pieces: to touch as much fresh memory takes longer than the sum.
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 128<<10)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keep makes an entry of a module that was compiled with dir as its cache.
func (e *Engine) keep(sh *shared, metered []byte, dir string) error {
	out, err := outline(metered)
	if err != nil {
		return err
	}
	made := filepath.Join(dir, "entry")
	var trap shared
	if err := e.compile(&trap, out, made); err != nil {
		return fmt.Errorf("compiling the outline: %w", err)
	}
	trap.close()
	whole, err := codeFile(filepath.Join(dir, wholeName))
	if err != nil {
		return err
	}
	place, err := codeFile(made)
	if err != nil {
		return err
	}
	// What wazero made of the outline gives its name to the real code.
	if err := os.Rename(whole, place); err != nil {
		return err
	}
	r := record{Info: sh.info, Pages: sh.pages, outline: out}
	if r.Code, err = filepath.Rel(made, place); err != nil {
		return err
	}
	if err := r.write(place, filepath.Join(made, recordName)); err != nil {
		return err
	}
	if err := keepImage(sh, made); err != nil {
		return err
	}
	err = os.Rename(made, e.entry(sh.key))
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was first
	}
	return err
}

// wholeName is the folder in which the module itself is compiled.
const wholeName = "whole"

// codeFile is the one file of machine code in a folder of wazero's.
func codeFile(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("wazero wrote %d files instead of one", len(found))
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}

func (r *record) write(code, path string) error {
	f, err := os.Open(code)
	if err != nil {
		return err
	}
	defer f.Close()
	if r.Sum, err = sum(f); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	rest := append(append(text, '\n'), r.outline...)
	h := sha256.Sum256(rest)
	return os.WriteFile(path, append(hex.AppendEncode(nil, h[:]), "\n"+string(rest)...), 0o600)
}

// close gives the code back.
func (sh *shared) close() {
	ctx := context.Background()
	sh.runtime.Close(ctx)
	if sh.cache != nil {
		sh.cache.Close(ctx)
	}
}
