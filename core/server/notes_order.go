package server

import (
	"maps"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/order"
)

// noteLate finds filters that look at what only filters behind them find out.
func noteLate(l *survey) {
	for i := range l.chains {
		c := &l.chains[i]
		c.chain.Late(func(f order.Late) {
			reader, setter := c.listOf(f.Reader), c.listOf(f.Setter)
			remedy := "there"
			if reader != setter {
				remedy = "in " + reader + ", or \"" + f.Reader + "\" behind it in " + setter
			}
			l.note(reader, "filter %q looks at %s, which filter %q sets behind it; name %q before it %s", f.Reader, f.Property, f.Setter, f.Setter, remedy)
		})
	}
}

// noteMissing finds filters that look at what nobody finds out wherever they stand.
func noteMissing(l *survey) {
	chains := make([]order.Chain, len(l.chains))
	set := map[string]bool{}
	for i := range chains {
		chains[i] = l.chains[i].chain
		for _, link := range chains[i] {
			if link.Order != nil {
				for _, property := range link.Order.Sets {
					set[property] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.cfg.Filters)) {
		order.Missing(chains, name, func(property string) {
			l.note("filters."+name, "looks at %s, which no filter sets on any of its routes; name one there that does, or do not ask for it%s",
				property, likeOne(property, set))
		})
	}
}

// likeOne asks whether another property of the same group was meant, "" without one.
func likeOne(property string, set map[string]bool) string {
	of := strings.LastIndexByte(property, '.') + 1
	var names []string
	for _, other := range slices.Sorted(maps.Keys(set)) {
		if name, same := strings.CutPrefix(other, property[:of]); same && name != "" {
			names = append(names, name)
		}
	}
	return config.DidYouMean(property[of:], names)
}

// noteEncoded finds filters that read the bodies of responses which another has encoded.
func noteEncoded(l *survey) {
	for i := range l.chains {
		c := &l.chains[i]
		c.chain.Encoded(func(f order.Encoded) {
			l.note(c.listOf(f.Reader), "filter %q reads responses, which filter %q behind it encodes first; name %q before it", f.Reader, f.Encoder, f.Encoder)
		})
	}
}
