package wasm

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Verify reads the cache's entry of a content of default limits, and checks its
// sums, as recall does.
func (e *Engine) Verify(h Hash) error {
	dir := e.entry(contentKey{hash: h})
	r, err := readRecord(filepath.Join(dir, recordName))
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, r.Code))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.checkFrame(f); err != nil {
		return broken(err)
	}
	image, err := os.ReadFile(filepath.Join(dir, imageName))
	if err == nil && xxhash.Sum64(image) != r.Sum {
		err = errDamaged
	}
	return err
}

// Disuse does what another version does that finds the engine's folder unused.
func (e *Engine) Disuse(now time.Time) (gone bool) {
	return moveAway(e.dir, filepath.Join(filepath.Dir(e.dir), leaving+filepath.Base(e.dir)), now)
}

// Segments is how many data segments are left in the outline of a module.
func Segments(code []byte) (int, error) {
	out, err := outline(code)
	if err != nil {
		return 0, err
	}
	for rest := out[8:]; len(rest) > 0; {
		id := rest[0]
		n, used := binary.Uvarint(rest[1:])
		body := rest[1+used:][:n]
		if rest = rest[1+used+int(n):]; id == sectionData {
			all, ok := segments(body)
			if !ok {
				return 0, errOutline
			}
			return len(all), nil
		}
	}
	return 0, nil
}

// Entries is the folder of the cache's entries.
func (e *Engine) Entries() string { return e.dir }
