package server

import (
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// noteGuards finds the filters that guard something and see some requests alone:
// that is allowed, and whoever checks a file shall know of it.
func noteGuards(l *survey) {
	l.eachList(func(key string, links []config.Link) {
		for i := range links {
			if link := &links[i]; link.Conditional() && l.cfg.Filters[link.Name].Security {
				l.note(key, "filter %q guards something and is passed by requests %s; ask there for what clients cannot choose", link.Name, missedBy(link))
			}
		}
	})
}

// missedBy says which requests a filter does not see.
func missedBy(l *config.Link) string {
	var ways []string
	if l.When != nil {
		ways = append(ways, "that are not like when")
	}
	if l.Unless != nil {
		ways = append(ways, "that are like unless")
	}
	return strings.Join(ways, " or ")
}
