package route

import (
	"bytes"
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
	anywhere     *single // when, whatever the path; nil where the path is not asked for, or nothing is guarded
	wary         bool    // a path that upstreams may read otherwise is looked at closely
}

// NewCondition is met by requests that when matches and unless does not. A nil
// one leaves nothing out. guard says that the requests that are chosen are those that
// somebody guards: one that an upstream may read as another is chosen if either is.
func NewCondition(when, unless *config.Match, guard bool) (*Condition, error) {
	w, errW := newSingle(when)
	u, errU := newSingle(unless)
	if errW != nil {
		errW = fmt.Errorf("when: %w", errW)
	}
	if errU != nil {
		errU = fmt.Errorf("unless: %w", errU)
	}
	c := &Condition{when: w, unless: u}
	if err := errors.Join(errW, errU); err != nil || !guard {
		return c, err
	}
	c.wary = w != nil && w.path || u != nil && u.path
	if w != nil && w.path {
		m := *when
		m.Path, m.PathPrefix, m.PathRegex, m.PathTemplate = "", "", "", ""
		c.anywhere, _ = newSingle(&m)
	}
	return c, nil
}

// Meets says whether a request is chosen.
func (c *Condition) Meets(h *stream.RequestHead) bool {
	path, query, _ := bytes.Cut(h.Path, question)
	if c.wary && !plain(path) {
		return c.meetsWarily(h, path, query)
	}
	return (c.when == nil || c.when.matches(h, path, query)) && (c.unless == nil || !c.unless.matches(h, path, query))
}

var question = []byte("?")

// meetsWarily is Meets for a path that may be read in several ways: one of them that
// is to be chosen is enough.
func (c *Condition) meetsWarily(h *stream.RequestHead, path, query []byte) bool {
	r := otherReadings.Get().(*otherReading)
	defer otherReadings.Put(r)
	cut, unsure := r.of(path)
	chosen := c.when == nil || c.when.matches(h, path, query) || c.when.matches(h, cut, query) ||
		unsure && c.anywhere != nil && c.anywhere.matches(h, path, query)
	u := c.unless
	left := u != nil && u.matches(h, path, query) && (!u.path || !unsure && u.matches(h, cut, query))
	return chosen && !left
}

// single is a table of one match.
type single struct {
	table   Table
	path    bool // it asks for a path
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
	s := &single{path: m.path.kind != pathNone}
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

// matches holds a request against the match, by a path that need not be its own.
func (s *single) matches(h *stream.RequestHead, path, query []byte) bool {
	l := lookup{head: h, path: path, query: query}
	if !s.scratch {
		return s.table.find(&l) != nil
	}
	l.captures = spare.Get().(*Captures)
	found := s.table.find(&l) != nil
	spare.Put(l.captures)
	return found
}
