package chain_test

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// adds makes a callback that gives a message without a body one.
func adds(d filter.Direction, text string) callback {
	return func(p *part, end bool) (filter.Action, error) {
		if b := p.s.AddBody(p, d); b != nil {
			b.Splice(0, 0, []byte(text))
		} else {
			p.t.add("%s may not", p.name)
		}
		return filter.ActionContinue, nil
	}
}

// TestAddBody: a body that a filter makes goes through the filters behind it.
func TestAddBody(t *testing.T) {
	rq, rs := filter.Request, filter.Response

	t.Run("both ways", func(t *testing.T) {
		var tr trace
		b := all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: adds(rq, "made"), filter.PhaseResponseHeaders: adds(rs, "too")})
		r := begin(t, nil, all("a", &tr, nil), b, all("c", &tr, nil))
		is(t, "request", r.head(rq, true), chain.Passed)
		is(t, "what passed", r.out[rq].String(), "head made end")
		is(t, "response", r.head(rs, true), chain.Passed)
		is(t, "what passed", r.out[rs].String(), "head too end")
		r.finish()
		want := "a head end|b head end|c head|c body made end|c answer end|b answer end|a answer|a answer body too end|"
		got := ""
		for _, e := range tr.events[:8] {
			got += e + "|"
		}
		is(t, "seen", got, want)
	})

	t.Run("a filter behind it holds the head, then lets all of it go", func(t *testing.T) {
		var tr trace
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: adds(rq, "made")})
		b := all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: answers(filter.ActionPause)})
		r := begin(t, nil, a, b)
		is(t, "request", r.head(rq, true), chain.Held)
		is(t, "resumed", r.resume(b, rq), chain.Passed)
		is(t, "what passed", r.out[rq].String(), "head made end")
		r.finish()
	})

	t.Run("not where a body follows, nor in another phase", func(t *testing.T) {
		var tr trace
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: adds(rq, "x"), filter.PhaseRequestBody: adds(rq, "x"),
			filter.PhaseResponseHeaders: adds(rq, "x")})
		r := begin(t, nil, a)
		r.head(rq, false)
		r.feed(rq, "body", true)
		r.head(rs, true)
		is(t, "what passed", r.out[rq].String(), "head body end")
		is(t, "refused", len(tr.events), 6)
		r.finish()
	})
}

// TestReplyTrailers: they follow the reply's body, through the filters.
func TestReplyTrailers(t *testing.T) {
	for _, body := range []string{"", "no"} {
		var tr trace
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
			return filter.ActionContinue, p.s.Reply(filter.Reply{Status: 200, Body: []byte(body), Trailers: fieldsOf("t", "v"), GRPC: -1})
		}})
		r := begin(t, nil, a)
		is(t, "verdict", r.head(filter.Request, true), chain.Replied)
		text := r.TakeReply()
		is(t, "body", string(text), body)
		is(t, "a length is said", r.Response().Headers.Has("content-length"), false)
		r.Head(filter.Response, false)
		if len(text) > 0 {
			r.Feed(filter.Response, text, false)
		}
		is(t, "trailers", r.FeedTrailers(filter.Response, r.ReplyTrailers()), chain.Passed)
		r.take(filter.Response)
		want := "head " + body + " [t] end"
		is(t, "what passed", r.out[filter.Response].String(), want)
		r.finish()
		r = begin(t, r.Stream, all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: replies(403, "no", filter.ActionContinue)}))
		r.head(filter.Request, true)
		r.TakeReply()
		is(t, "those of the stream before", r.ReplyTrailers() == nil, true)
		r.finish()
	}
}
