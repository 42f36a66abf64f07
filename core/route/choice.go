package route

import (
	"errors"
	"fmt"
	"sync"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// Condition chooses requests by the same matches that routes have. It is
// immutable: any number of goroutines may use it.
type Condition struct {
	when, unless *single
}

// NewCondition is met by requests that when matches and unless does not. A nil
// one leaves nothing out.
func NewCondition(when, unless *config.Match) (*Condition, error) {
	w, errW := newSingle(when)
	u, errU := newSingle(unless)
	if errW != nil {
		errW = fmt.Errorf("when: %w", errW)
	}
	if errU != nil {
		errU = fmt.Errorf("unless: %w", errU)
	}
	return &Condition{w, u}, errors.Join(errW, errU)
}

// Meets says whether a request is chosen.
func (c *Condition) Meets(h *stream.RequestHead) bool {
	return (c.when == nil || c.when.matches(h)) && (c.unless == nil || !c.unless.matches(h))
}

// single is a table of one match.
type single struct {
	table   Table
	scratch bool // looking up needs memory: for expressions over decoded parameters
}

func newSingle(c *config.Match) (*single, error) {
	if c == nil {
		return nil, nil
	}
	m, err := compile(c)
	if err != nil {
		return nil, err
	}
	s := &single{}
	for _, q := range m.query {
		s.scratch = s.scratch || q.test == testRegex
	}
	for _, h := range m.hosts {
		r := newRule(0, m)
		s.table.host(h).add(&r)
	}
	return s, nil
}

// spare are lent to lookups that need it.
var spare = sync.Pool{New: func() any { return new(Captures) }}

func (s *single) matches(h *stream.RequestHead) bool {
	if !s.scratch {
		_, ok := s.table.Match(h, nil)
		return ok
	}
	c := spare.Get().(*Captures)
	_, ok := s.table.Match(h, c)
	spare.Put(c)
	return ok
}
