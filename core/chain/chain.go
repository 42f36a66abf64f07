package chain

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Link is one place of a chain.
type Link struct {
	Filter  filter.Filter
	OnError filter.OnError
	// Condition says which requests the filter sees; nil for all.
	Condition Condition
	// Guard keeps a held message to the filter's own answer: a head that waits for the
	// body's callbacks is not let go by a piece that the filter takes no callback for.
	Guard  bool
	phases filter.Phases
	group  any
}

// Condition chooses requests by their heads. Any number of goroutines ask it.
type Condition interface {
	Meets(h *stream.RequestHead) bool
}

// Chain is an order of filters, made once and run by many streams.
type Chain struct {
	links []Link
	given []Link // those of no phase too
	held  int    // bytes a filter may hold back of a body
	all   filter.Phases
}

// New makes a chain. held bounds what one filter holds back of one body, in
// bytes. Filters that take part in no phase are left out.
func New(links []Link, held int64) *Chain {
	c := &Chain{held: int(held), given: links}
	for _, l := range links {
		l.phases, l.group = l.Filter.Phases(), l.Filter.Group()
		if l.phases == 0 {
			continue
		}
		c.all |= l.phases
		c.links = append(c.links, l)
	}
	return c
}

// Len is the number of filters.
func (c *Chain) Len() int { return len(c.links) }

// Links are all that the chain was made of, in order; those of filters that take part
// in no phase too. They must not be changed.
func (c *Chain) Links() []Link { return c.given }

// Takes says whether any filter takes part in one of the phases p.
func (c *Chain) Takes(p filter.Phases) bool { return c.all&p != 0 }

// bodyPhase and its sisters name the phases of a direction.
func headPhase(d filter.Direction) filter.Phases {
	return [...]filter.Phases{filter.PhaseRequestHeaders, filter.PhaseResponseHeaders}[d]
}

func bodyPhase(d filter.Direction) filter.Phases {
	return [...]filter.Phases{filter.PhaseRequestBody, filter.PhaseResponseBody}[d]
}

func trailerPhase(d filter.Direction) filter.Phases {
	return [...]filter.Phases{filter.PhaseRequestTrailers, filter.PhaseResponseTrailers}[d]
}
