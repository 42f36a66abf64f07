// Package store keeps modules on disk, so that a start needs no network and a
// source that is away stops nothing.
//
//	modules/SHA256   a module, under the hash of what is in it
//	images/SHA256    the module's hash, under that of an image's manifest
//	tags/SHA256      which manifest a tag named last, under the hash of its name
//
// A module is verified whenever it is read; one that is damaged is removed and
// not there. Files are made elsewhere and renamed, so processes may share the
// folder without knowing of each other. What images and tags say cannot be
// verified, so the folder must be ours alone.
//
// Start at [Open].
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/weirproxy/weir/core/private"
)

// Sum is a SHA-256.
type Sum [sha256.Size]byte

// String is the sum in hexadecimal.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// ParseSum reads a sum in hexadecimal.
func ParseSum(s string) (sum Sum, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(sum) {
		return sum, fmt.Errorf("%.80q is not a SHA-256", s)
	}
	return Sum(b), nil
}

// Store is a folder of modules.
type Store struct {
	dir  string
	most int64
}

// The folders of a store.
const (
	modules = "modules"
	images  = "images"
	tags    = "tags"
)

// Open makes the folder if need be. Modules in it have at most that many bytes
// together: what was used longest ago goes first.
func Open(dir string, most int64) (*Store, error) {
	dir, err := private.Folder(dir, "modules are kept there and run")
	if err != nil {
		return nil, err
	}
	for _, part := range []string{modules, images, tags} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return nil, err
		}
	}
	return &Store{dir, most}, nil
}

// Module is the one of that content; the error is fs.ErrNotExist for one that
// is not there.
func (s *Store) Module(sum Sum) ([]byte, error) {
	path := s.path(modules, sum)
	code, err := s.read(path)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(code) != sum {
		_ = os.Remove(path) // it is made again, or removed by whoever can
		return nil, fmt.Errorf("%q was damaged: %w", path, fs.ErrNotExist)
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it is used now; where this fails it goes earlier
	return code, nil
}

// read is a file's content. A module has at most s.most bytes.
func (s *Store) read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, s.most))
}

// Keep puts a module there, and makes room for it. One that is larger than all
// that may be kept is not.
func (s *Store) Keep(code []byte) (Sum, error) {
	sum := Sum(sha256.Sum256(code))
	if int64(len(code)) > s.most {
		return sum, fmt.Errorf("it has %d bytes, more than the %d that are kept", len(code), s.most)
	}
	if err := s.write(s.path(modules, sum), code); err != nil {
		return sum, err
	}
	return sum, s.prune(sum, len(code))
}

// Image is the module of the image with that manifest.
func (s *Store) Image(manifest Sum) (module Sum, ok bool) { return s.link(images, manifest) }

// KeepImage notes the module of an image.
func (s *Store) KeepImage(manifest, module Sum) error {
	return s.write(s.path(images, manifest), []byte(module.String()))
}

// Tag is the manifest that a tag, "registry/repository:tag", named last.
func (s *Store) Tag(name string) (manifest Sum, ok bool) {
	return s.link(tags, sha256.Sum256([]byte(name)))
}

// KeepTag notes what a tag names.
func (s *Store) KeepTag(name string, manifest Sum) error {
	return s.write(s.path(tags, sha256.Sum256([]byte(name))), []byte(manifest.String()))
}

func (s *Store) path(part string, sum Sum) string {
	return filepath.Join(s.dir, part, sum.String())
}

func (s *Store) link(part string, from Sum) (Sum, bool) {
	text, err := s.read(s.path(part, from))
	if err != nil {
		return Sum{}, false
	}
	to, err := ParseSum(string(text))
	return to, err == nil
}

// write makes a file in one step, as durable as the disk is. It begins beside the parts,
// which hold whole files alone.
func (s *Store) write(path string, content []byte) error {
	return private.WriteBy(s.dir, path, content)
}
