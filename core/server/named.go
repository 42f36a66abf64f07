package server

import (
	"fmt"
	"maps"
	"slices"

	"github.com/weirproxy/weir/core/config"
)

// checkCalls finds built-in filters that are to call clusters which are not among their
// calls: each request would learn it else.
func (b *builder) checkCalls(names []string) {
	for _, name := range names {
		t := b.cfg.Filters[name]
		eachNamed(b.server.opt.Builtins, &t, "filters."+name+".config", func(key, cluster string, called bool) {
			if called && !slices.Contains(t.Calls, cluster) {
				b.problem(key, "%q is not one of the filter's calls; add calls = [%q] to [filters.%s]", cluster, cluster, name)
			}
		})
	}
}

// noteNamed finds clusters that built-in filters name and that there are not: their
// requests stay where they are.
func noteNamed(l *survey) {
	for _, name := range slices.Sorted(maps.Keys(l.cfg.Filters)) {
		t := l.cfg.Filters[name]
		eachNamed(l.built, &t, "filters."+name+".config", func(key, cluster string, _ bool) {
			if _, ok := l.cfg.Clusters[cluster]; !ok {
				l.note(key, "there is no [clusters.%s]%s", cluster, config.DidYouMean(cluster, slices.Sorted(maps.Keys(l.cfg.Clusters))))
			}
		})
	}
}

// eachNamed yields the clusters that a built-in filter's config names, by their keys.
func eachNamed(built Builtins, t *config.Filter, key string, yield func(key, cluster string, called bool)) {
	if t.Use == "" {
		return
	}
	if keys := built.Clusters(t.Use); len(keys) > 0 {
		namedIn(t.Config, keys, key, yield)
	}
}

func namedIn(table any, keys map[string]bool, key string, yield func(key, cluster string, called bool)) {
	switch x := table.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			at := key + "." + k
			if cluster, ok := x[k].(string); ok {
				if called, marked := keys[k]; marked {
					yield(at, cluster, called)
				}
				continue
			}
			namedIn(x[k], keys, at, yield)
		}
	case []any:
		for i, e := range x {
			namedIn(e, keys, fmt.Sprintf("%s[%d]", key, i), yield)
		}
	case []map[string]any:
		for i, e := range x {
			namedIn(e, keys, fmt.Sprintf("%s[%d]", key, i), yield)
		}
	}
}
