package server

import (
	"crypto/sha256"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/source"
)

// sight tells a file's content from another. A file that is not there, or
// cannot be read, has one too: that of nothing.
type sight struct {
	size    int64
	changed time.Time
	sum     [sha256.Size]byte
}

// look reads a file for its sight.
func look(path string) sight {
	seen := glance(path)
	if seen.size > source.MaxModule {
		return seen // it is refused, whatever is in it
	}
	if content, err := os.ReadFile(path); err == nil {
		seen.sum = sha256.Sum256(content)
	}
	return seen
}

// glance is a sight without reading the file, so without its sum.
func glance(path string) sight {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return sight{}
	}
	return sight{size: info.Size(), changed: info.ModTime()}
}

// unchanged says whether a file is surely as it was, as far as a glance tells.
func (s sight) unchanged(now sight) bool {
	return s.size == now.size && s.changed.Equal(now.changed)
}

// seen are the files that a configuration is made of, as they were when they
// were read: proxy.toml, and the modules that it names.
type seen struct {
	config string
	files  map[string]sight
	news   chan struct{} // tells that other files may be among them
}

func newSeen(config string, s sight) seen {
	return seen{config, map[string]sight{config: s}, make(chan struct{}, 1)}
}

// again looks at all of them, before the configuration is read again.
func (s *seen) again() {
	for path := range s.files {
		s.files[path] = look(path)
	}
}

// expect takes note of the modules that are about to be read, instead of those
// of before.
func (s *seen) expect(modules []string) {
	s.files = map[string]sight{s.config: s.files[s.config]}
	for _, path := range modules {
		s.files[path] = glance(path)
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// read takes note of a module that was read from a file.
func (s *seen) read(m *source.Module) {
	if m.From == source.FromFile && m.Err == nil {
		s.files[m.Module] = sight{m.Info.Size(), m.Info.ModTime(), m.Sum}
	}
}

// glances are all of them as they are now.
func (s *seen) glances() map[string]sight {
	now := make(map[string]sight, len(s.files))
	for path := range s.files {
		now[path] = glance(path)
	}
	return now
}

// same says whether files are surely as they were read.
func (s *seen) same(glances map[string]sight) bool {
	return maps.EqualFunc(s.files, glances, sight.unchanged)
}

// changed says whether any differs from what was read. A file that was only
// touched is taken note of.
func (s *seen) changed() bool {
	for path, before := range s.files {
		if before.unchanged(glance(path)) {
			continue
		}
		now := look(path)
		if now.sum != before.sum || now.size != before.size {
			return true
		}
		s.files[path] = now
	}
	return false
}

// folders are where the files are: also those that links lead to.
func (s *seen) folders() []string {
	var all []string
	for path := range s.files {
		all = append(all, filepath.Dir(path))
		if real, err := filepath.EvalSymlinks(path); err == nil {
			all = append(all, filepath.Dir(real))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
