package observe

import (
	"strings"
)

// exportedName is a name on the metrics page. It belongs to one name and kind
// of filters' metrics, and all that the format makes of it is taken.
type exportedName struct {
	name  string // "weir_filter_hits_total"
	base  string // "hits"
	kind  MetricKind
	users int
}

// export is the name under which a metric is shown. Where filters disagree
// about the kind of one, the later gets its kind behind its name.
func (g *GuestMetrics) export(base string, kind MetricKind) *exportedName {
	full := "weir_filter_" + base
	if kind == KindCounter {
		full += totalSuffix
	}
	for ; ; full += [...]string{"_counter", "_gauge", "_histogram"}[kind] {
		e := &exportedName{name: full, base: base, kind: kind}
		if old := g.exported[full]; old != nil && old.base == base && old.kind == kind {
			old.users++
			return old
		}
		if g.taken(e.names()) {
			continue
		}
		e.users = 1
		for _, n := range e.names() {
			g.exported[n] = e
		}
		return e
	}
}

func (g *GuestMetrics) taken(names []string) bool {
	for _, n := range names {
		if g.exported[n] != nil {
			return true
		}
	}
	return false
}

// names are all that the text format writes for e.
func (e *exportedName) names() []string {
	if e.kind == KindHistogram {
		return []string{e.name, e.name + "_bucket", e.name + "_sum", e.name + "_count"}
	}
	return []string{e.name}
}

// totalSuffix ends the name of every counter, once.
const totalSuffix = "_total"

// baseName makes a metric name out of any bytes.
func baseName(name []byte, kind MetricKind) string {
	out := make([]byte, len(name))
	for i, b := range name {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
			out[i] = b
		default:
			out[i] = '_'
		}
	}
	if kind == KindCounter {
		return strings.TrimSuffix(string(out), totalSuffix)
	}
	return string(out)
}
