package overload

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// findGroups are the cgroups that bound our memory, from our own up to the
// outermost that can be seen. There are none where the system has no cgroups.
func findGroups(files fs.FS) ([]group, error) {
	text, err := fs.ReadFile(files, "proc/self/cgroup")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding our cgroup: %w", err)
	}
	h, own := ownGroup(string(text))
	if h == nil {
		return nil, nil
	}
	text, err = fs.ReadFile(files, "proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("finding where cgroups are mounted: %w", err)
	}
	root, at := mountOf(h, own, string(text))
	if at == "" {
		return nil, nil
	}
	dir := at
	if below, ok := within(own, root); ok {
		dir = path.Join(at, below)
	}
	var groups []group
	for {
		groups = append(groups, group{h, strings.TrimPrefix(dir, "/")})
		if dir == at || dir == "/" {
			return groups, nil
		}
		dir = path.Dir(dir)
	}
}

// ownGroup is where we are in the hierarchy that bounds memory, by
// proc_pid_cgroup(5). A kernel with both versions has the memory controller in
// version 1's if that names it.
func ownGroup(text string) (h *hierarchy, own string) {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		switch {
		case len(f) < 3:
		case slices.Contains(strings.Split(f[1], ","), "memory"):
			return v1, f[2]
		case f[0] == "0" && f[1] == "":
			h, own = v2, f[2]
		}
	}
	return h, own
}

// mountOf is which part of a hierarchy is mounted, and where, by
// proc_pid_mountinfo(5). Of several mounts it is one that shows own.
func mountOf(h *hierarchy, own, text string) (root, at string) {
	for line := range strings.Lines(text) {
		mount, fsys, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		m, f := strings.Fields(mount), strings.Fields(fsys)
		if len(m) < 5 || len(f) < 3 || f[0] != h.fsType || h == v1 && !slices.Contains(strings.Split(f[2], ","), "memory") {
			continue
		}
		r, a := unescape(m[3]), path.Clean("/"+unescape(m[4]))
		if _, shows := within(own, r); shows {
			return r, a
		}
		if at == "" {
			root, at = r, a
		}
	}
	return root, at
}

// within is the rest of a path below root. A container may see its own
// group as the mount's root while its path is still the host's, and a path
// outside of its namespace begins with "/..": neither is below.
func within(own, root string) (below string, ok bool) {
	if strings.HasPrefix(own, "/..") {
		return "", false
	}
	if root == "/" {
		return own, true
	}
	below, ok = strings.CutPrefix(own, root)
	return below, ok && (below == "" || below[0] == '/')
}

// unescape takes the octal escapes out of a path of mountinfo.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
