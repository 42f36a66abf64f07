package server

import (
	"maps"
	"slices"

	"github.com/weirproxy/weir/core/config"
)

// noteUnused finds filters that nothing names, whatever the role.
func noteUnused(l *survey) {
	used := map[string]bool{}
	l.eachList(func(_ string, links []config.Link) {
		for _, name := range config.LinkNames(links) {
			used[name] = true
		}
	})
	for i := range l.cfg.TCP {
		for _, name := range l.cfg.TCP[i].Filters {
			used[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.cfg.Filters)) {
		if !used[name] {
			l.note("filters."+name, "is named nowhere, so it never runs; name it in the filters of a route, a side or a TCP service, or leave it out")
		}
	}
}
