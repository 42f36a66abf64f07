package trial

import (
	"maps"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/trial/rig"
)

// checkStep finds what makes no sense in a step.
func (b *builder) checkStep(s *stepTable, begun map[string]bool, i int) {
	switch {
	case s.Request != nil:
		begun[s.Stream], begun[""] = true, true
	case s.Response != nil || s.Repeat > 0:
		b.doc.Add(s.key, "has a response or repeat, but no request that they are for")
	case s.Stream != "" && !begun[s.Stream]:
		b.doc.Add(s.key+".stream", "is %q, which no step before has begun%s", s.Stream, there(slices.Sorted(maps.Keys(begun))))
	case s.Abort && !begun[""]:
		b.doc.Add(s.key+".abort", "is set, but no stream has begun")
	}
	if s.Repeat > 1 && s.Abort {
		b.doc.Add(s.key+".abort", "is set beside repeat; abort in a step of its own")
	}
	if s.Expect.Refused.set && (i > 0 || strings.Contains(s.key, "steps")) {
		b.doc.Add(s.key+".expect.refused", "belongs into the case's own expect: a filter is refused before the first step")
	}
	if s.Response != nil {
		b.checkFailure(s.Response.Fail, s.key+".response.fail")
	}
	b.checkExpect(&s.Expect, s.key+".expect")
}

func there(names []string) string {
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	if len(names) == 0 {
		return ""
	}
	return "; there is " + strings.Join(names, ", ")
}

func (b *builder) checkFailure(fail, key string) {
	known := []string{string(rig.FailConnect), string(rig.FailTimeout), string(rig.FailReset)}
	if fail != "" && !slices.Contains(known, fail) {
		b.doc.Add(key, "is %q; there is %q", fail, known)
	}
}

func (b *builder) checkReply(t *replyTable, key string) {
	if t.Cluster == "" {
		b.doc.Add(key+".cluster", "missing; say which cluster's calls it answers")
	}
	b.checkFailure(t.Fail, key+".fail")
	m := &t.Match
	b.misplaced(m.Status != nil, key+".match.status", "a request has none")
	b.misplaced(m.Pieces != nil, key+".match.pieces", "a call's body is one piece")
	b.misplaced(m.Ended != nil, key+".match.ended", "a call is whole when it is made")
}

func (b *builder) misplaced(is bool, key, why string) {
	if is {
		b.doc.Add(key, "cannot be given here: %s", why)
	}
}

func (b *builder) checkExpect(e *expectTable, key string) {
	if m := e.Upstream; m != nil {
		b.misplaced(m.Status != nil, key+".upstream.status", "a request has none; the response is expect.client")
	}
	if m := e.Client; m != nil {
		for name, t := range map[string]*text{"method": &m.Method, "path": &m.Path, "authority": &m.Authority, "scheme": &m.Scheme} {
			b.misplaced(t.set, key+".client."+name, "a response has none; the request is expect.upstream")
		}
	}
	if e.Reached != nil && !*e.Reached && e.Upstream != nil {
		b.doc.Add(key+".upstream", "is given beside reached = false, which says that nothing gets there")
	}
}
