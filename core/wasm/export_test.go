package wasm

import (
	"os"
	"path/filepath"
	"time"
)

// Verify reads the cache's entry of a content of default limits, and checks its
// sums: what recall does before it hands the entry to wazero.
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
	if got, err := sum(f); err != nil || got != r.Sum {
		return broken(err)
	}
	return nil
}

// Disuse does what another version does that finds the engine's folder unused.
func (e *Engine) Disuse(now time.Time) (gone bool) {
	return moveAway(e.dir, filepath.Join(filepath.Dir(e.dir), leaving+filepath.Base(e.dir)), now)
}

// Entries is the folder of the cache's entries.
func (e *Engine) Entries() string { return e.dir }
