package overload

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// hierarchy is one of the two versions of cgroups.
type hierarchy struct {
	fsType string
	limits []string // files, of which the lowest counts
	usage  string
	// cache are the rows of memory.stat for pages that hold what is in files.
	// They count against the limit, but are dropped before anybody is killed;
	// a log that is written lies among the active ones too.
	cache [2]string
}

var (
	v2 = &hierarchy{"cgroup2", []string{"memory.max", "memory.high"}, "memory.current", [2]string{"inactive_file", "active_file"}}
	v1 = &hierarchy{"cgroup", []string{"memory.limit_in_bytes"}, "memory.usage_in_bytes", [2]string{"total_inactive_file", "total_active_file"}}
)

// group is a cgroup that we are in, itself or one above it.
type group struct {
	*hierarchy
	dir string // without the leading slash
}

// read is the group's memory, without a limit if it has none.
func (g group) read(files fs.FS) (Reading, error) {
	limit := int64(0)
	for _, name := range g.limits {
		n, err := g.number(files, name)
		if err != nil {
			return Reading{}, err
		}
		if n > 0 && (limit == 0 || n < limit) {
			limit = n
		}
	}
	if limit == 0 {
		return Reading{}, nil
	}
	used, err := g.number(files, g.usage)
	if err != nil {
		return Reading{}, err
	}
	cached, err := g.cached(files)
	if err != nil {
		return Reading{}, err
	}
	return Reading{Used: max(0, used-cached), Limit: limit, Of: "cgroup /" + g.dir}, nil
}

// boundless is what no machine has: version 1 writes "no limit" as the largest
// number of whole pages.
const boundless = 1 << 60

// number is a file's number of bytes; 0 for a file that is not there, as those
// of the outermost group, and for no limit. A limit of 0 is what some tools
// set for a moment to have memory reclaimed.
func (g group) number(files fs.FS, name string) (int64, error) {
	file := path.Join(g.dir, name)
	text, err := fs.ReadFile(files, file)
	switch s := string(bytes.TrimSpace(text)); {
	case errors.Is(err, fs.ErrNotExist), err == nil && s == "max":
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("reading the cgroup's memory: %w", err)
	default:
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the cgroup's memory: /%s holds %q, want a number of bytes", file, s)
		}
		if n >= boundless {
			n = 0
		}
		return int64(n), nil
	}
}

// cached is the part of the usage that the kernel can have back.
func (g group) cached(files fs.FS) (int64, error) {
	file := path.Join(g.dir, "memory.stat")
	text, err := fs.ReadFile(files, file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the cgroup's memory: %w", err)
	}
	sum := int64(0)
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key != g.cache[0] && key != g.cache[1] {
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n >= boundless {
			return 0, fmt.Errorf("reading the cgroup's memory: /%s holds %q, want a number of bytes", file, line)
		}
		sum += n
	}
	return sum, nil
}
