package wasm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
)

// An entry of the cache holds all that compiling a module gave, so that a
// start neither meters, nor decodes and validates code, nor compiles:
//
//	record                      what else is there, see record.go; the outline
//	wazero-VERSION-PLATFORM/ID  the machine code, where wazero looks for it
//	image                       the machine code alone, to be mapped (see image.go)

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
	if err := r.checkFrame(f); err != nil {
		return nil, broken(err)
	}
	sh := &shared{key: key, pages: r.Pages, info: r.Info}
	if err := e.compile(sh, r.outline, dir); err != nil {
		return nil, broken(err)
	}
	err = onlyFile(dir, path, f)
	if err == nil {
		err = takeImage(sh, dir, r.Sum)
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
	code := machineCode(sh.code)
	r := record{Info: sh.info, Pages: sh.pages, Sum: xxhash.Sum64(code), outline: out}
	if r.Code, err = filepath.Rel(made, place); err != nil {
		return err
	}
	if err := r.frame(place, code); err != nil {
		return err
	}
	if err := r.write(filepath.Join(made, recordName)); err != nil {
		return err
	}
	if err := keepImage(code, made); err != nil {
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

// close gives the code back.
func (sh *shared) close() {
	ctx := context.Background()
	sh.runtime.Close(ctx)
	if sh.cache != nil {
		sh.cache.Close(ctx)
	}
}
