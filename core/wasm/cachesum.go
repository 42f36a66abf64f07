package wasm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// wazero's checksum leaves out the table of where functions begin, and a bit
// that flips there makes calls land anywhere. So each entry gets a file with
// its SHA-256 beside it, and is believed only with that.

// sumSuffix ends the name of an entry's sum.
const sumSuffix = ".sha256"

// entryName is the length of an entry's name: others are not wazero's.
const entryName = 64

// verifyEntries removes entries whose sum is wrong, and those without: they
// may come from a process that was stopped. It answers how many were wrong.
func verifyEntries(dir string) (damaged int, err error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		if len(d.Name()) != entryName {
			continue
		}
		path := filepath.Join(dir, d.Name())
		want, err := os.ReadFile(path + sumSuffix)
		if err == nil {
			var got []byte
			got, err = sum(path)
			if err == nil && bytes.Equal(got, want) {
				continue
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damaged++
		}
		for _, file := range []string{path, path + sumSuffix} {
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return damaged, err
			}
		}
	}
	return damaged, nil
}

// sealEntries writes the sums of entries that have none.
func sealEntries(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	sealed := map[string]bool{}
	for _, d := range list {
		if name, ok := strings.CutSuffix(d.Name(), sumSuffix); ok {
			sealed[name] = true
		}
	}
	for _, d := range list {
		if len(d.Name()) != entryName || sealed[d.Name()] {
			continue
		}
		path := filepath.Join(dir, d.Name())
		s, err := sum(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process of ours removed it
		} else if err != nil {
			return err
		}
		if err := os.WriteFile(path+sumSuffix, s, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// sum is a file's SHA-256 as its sum's file has it.
func sum(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(b)
	return hex.AppendEncode(nil, h[:]), nil
}
