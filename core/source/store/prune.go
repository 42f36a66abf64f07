package store

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/weirproxy/weir/core/private"
)

// prune removes what was used longest ago until the modules are within their
// bound, but for the one that was just kept; and what nothing needs any more.
func (s *Store) prune(just Sum, size int) error {
	kept, err := s.files(modules)
	if err != nil {
		return err
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int {
		return cmp.Or(-a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	total := int64(size)
	for _, f := range kept {
		if f.Name() == just.String() {
			continue
		}
		if total += f.Size(); total > s.most {
			if err := remove(filepath.Join(s.dir, modules, f.Name())); err != nil {
				return err
			}
		}
	}
	return errors.Join(s.pruneLinks(images, modules), s.pruneLinks(tags, images), private.Tidy(s.dir))
}

// pruneLinks removes links from one part that lead to nothing in the other.
// What they lead to is made before them, so whoever is making one loses none.
func (s *Store) pruneLinks(from, to string) error {
	links, err := s.files(from)
	for _, f := range links {
		path := filepath.Join(s.dir, from, f.Name())
		text, readErr := s.read(path)
		if readErr != nil {
			continue
		}
		target, dead := ParseSum(string(text))
		if dead == nil {
			_, dead = os.Stat(s.path(to, target))
		}
		if dead != nil {
			err = errors.Join(err, remove(path))
		}
	}
	return err
}

// files are those of a part. One that another process removes meanwhile is not
// among them.
func (s *Store) files(part string) (files []fs.FileInfo, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, part))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	return files, err
}

// remove removes a file that another process may have removed.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
