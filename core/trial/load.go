package trial

import (
	"fmt"
	"time"

	"github.com/weirproxy/weir/core/config"
)

// Suite is one file of cases.
type Suite struct {
	Path   string
	Module string // under test; "" where no case needs one
	Cases  []*Case
	doc    *config.Document
}

// Case is one of them.
type Case struct {
	Name string
	Line int

	key      string
	filters  map[string]config.Filter
	chain    []string
	clusters *[]string
	start    time.Time
	replies  []replyTable
	steps    []stepTable
	refused  text
}

// maxCases bounds a file.
const maxCases = 10_000

// Load reads a file of cases. module is the module under test where the file
// names none, "" to look for one. All that is wrong is in the error.
func Load(path, module string) (*Suite, error) {
	var f file
	doc, err := config.OpenDocument(path, &f)
	if err != nil {
		return nil, err
	}
	return build(path, module, doc, &f)
}

// Parse is [Load] for a file's content.
func Parse(path string, data []byte, module string) (*Suite, error) {
	var f file
	doc, err := config.ParseDocument(path, data, &f)
	if err != nil {
		return nil, err
	}
	return build(path, module, doc, &f)
}

// build makes a suite of what was read.
func build(path, module string, doc *config.Document, f *file) (*Suite, error) {
	s := &Suite{Path: path, Module: module, doc: doc}
	if f.Module != "" {
		s.Module = doc.Resolve(f.Module)
	}
	switch n := len(f.Cases); {
	case n == 0:
		doc.Add("cases", "missing; a file needs at least one [[cases]]")
	case n > maxCases:
		doc.Add("cases", "has %d cases, at most %d are run; divide the file", n, maxCases)
		return nil, doc.Err()
	}
	b := builder{suite: s, doc: doc, file: f, dir: doc.Resolve("."), told: map[string]bool{}}
	for i := range f.Cases {
		s.Cases = append(s.Cases, b.makeCase(i, &f.Cases[i]))
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// builder makes the cases of a file.
type builder struct {
	suite *Suite
	doc   *config.Document
	file  *file
	dir   string
	told  map[string]bool // problems of what cases have in common
	found string          // the module that was looked for
}

func (b *builder) makeCase(i int, t *caseTable) *Case {
	key := fmt.Sprintf("cases[%d]", i)
	c := &Case{Name: t.Name, Line: b.doc.Line(key), key: key, clusters: t.Clusters, replies: append(t.Replies, b.file.Replies...)}
	if c.Name == "" {
		c.Name = fmt.Sprintf("case %d", i+1)
	}
	if c.clusters == nil {
		c.clusters = b.file.Clusters
	}
	c.start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []instant{t.Start, b.file.Start} {
		if !at.IsZero() {
			c.start = at.Time
			break
		}
	}
	b.filters(c, t)
	b.steps(c, t)
	for n := range t.Replies {
		b.checkReply(&t.Replies[n], fmt.Sprintf("%s.replies[%d]", key, n))
	}
	if i == 0 {
		for n := range b.file.Replies {
			b.checkReply(&b.file.Replies[n], fmt.Sprintf("replies[%d]", n))
		}
	}
	c.refused = t.Expect.Refused
	return c
}

// steps are those of the case, of which it may be the only one itself.
func (b *builder) steps(c *Case, t *caseTable) {
	itself := stepTable{Advance: t.Advance, Request: t.Request, Response: t.Response, Repeat: t.Repeat, Abort: t.Abort, Expect: t.Expect}
	c.steps = t.Steps
	switch {
	case len(t.Steps) == 0:
		if itself.Request == nil {
			itself.Request = new(requestTable)
		}
		itself.key = c.key
		c.steps = []stepTable{itself}
	case t.Request != nil || t.Response != nil || t.Repeat != 0 || t.Abort || t.Advance != 0:
		b.doc.Add(c.key, "has steps, and something to do beside them: put it into a step")
	}
	begun := map[string]bool{}
	for i := range c.steps {
		s := &c.steps[i]
		if s.key == "" {
			s.key = fmt.Sprintf("%s.steps[%d]", c.key, i)
		}
		if s.Facts == nil {
			s.Facts = t.Facts
		}
		b.checkStep(s, begun, i)
	}
}
