package server

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// tellGuards names the filters that guard something and see some requests alone:
// that is allowed, and whoever checks a file shall know of it.
func tellGuards(cfg *config.Config, told func(line string)) {
	if told == nil {
		return
	}
	tell := func(where string, links []config.Link) {
		for i := range links {
			l := &links[i]
			if l.Conditional() && cfg.Filters[l.Name].Security {
				told(fmt.Sprintf("%s: filter %q guards something and is passed by requests %s", where, l.Name, missedBy(l)))
			}
		}
	}
	tell("gateway", cfg.Gateway.Filters)
	tell("sidecar", cfg.Sidecar.Filters)
	for i := range cfg.Routes {
		tell(fmt.Sprintf("route %q", cfg.Routes[i].Name), cfg.Routes[i].Filters)
	}
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
