package server

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
)

// chains makes the chains of one snapshot; routes with equal filters share one.
type chains struct {
	filters *filters
	held    int64
	made    map[string]*chain.Chain
	seat    Seat // nil: links are as they are
}

// Seat has a say in how a filter takes its place in a chain.
type Seat func(*config.Link, chain.Link) chain.Link

// get makes a chain, or finds it. The error names each condition that cannot
// be.
func (c *chains) get(links []config.Link, connections bool) (*chain.Chain, []error) {
	key := chainKey(links, connections)
	if made := c.made[key]; made != nil {
		return made, nil
	}
	var wrong []error
	list := make([]chain.Link, 0, len(links))
	for i := range links {
		l := &links[i]
		made := c.filters.made[use{l.Name, connections}]
		if made == nil {
			continue
		}
		t := c.filters.cfg.Filters[l.Name]
		link := chain.Link{Filter: made, OnError: onError(t.OnError), Guard: t.Security}
		if l.Conditional() {
			condition, err := route.NewCondition(l.When, l.Unless, t.Security)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("filter %q: %w", l.Name, err))
				continue
			}
			link.Condition = condition
		}
		if c.seat != nil {
			link = c.seat(l, link)
		}
		list = append(list, link)
	}
	made := chain.New(list, c.held)
	if len(wrong) == 0 {
		c.made[key] = made
	}
	return made, wrong
}

// chainKey is equal for chains that are.
func chainKey(links []config.Link, connections bool) string {
	var b strings.Builder
	for i := range links {
		b.WriteString(links[i].Name)
		for _, m := range []*config.Match{links[i].When, links[i].Unless} {
			if m != nil {
				fmt.Fprintf(&b, " %q", *m)
			} else {
				b.WriteString(" -")
			}
		}
		b.WriteByte(0)
	}
	if connections {
		b.WriteByte(0)
	}
	return b.String()
}

// plain are the links of filters that see everything.
func plain(names []string) []config.Link {
	links := make([]config.Link, len(names))
	for i, name := range names {
		links[i].Name = name
	}
	return links
}
