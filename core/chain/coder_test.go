package chain_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// bracketing is a coder that passes on nothing until it has four bytes, and puts
// what it passes on into brackets. Its end is a full stop.
type bracketing struct {
	open, shut string
	held, out  []byte
	closed     int
}

func (b *bracketing) Encode(piece []byte, end bool) []byte {
	if b.closed > 0 {
		panic("used after Close")
	}
	if b.held = append(b.held, piece...); len(b.held) < 4 && !end {
		return nil
	}
	out := b.Flush()
	if end {
		out = append(out, '.')
	}
	return out
}

func (b *bracketing) Flush() []byte {
	b.out = b.out[:0]
	if len(b.held) > 0 {
		b.out = fmt.Appendf(b.out, "%s%s%s", b.open, b.held, b.shut)
	}
	b.held = b.held[:0]
	return b.out
}

func (b *bracketing) Close() { b.closed++ }

// recodes makes a callback that has the body pass through c, then does what act
// says.
func recodes(c filter.Coder, act callback) callback {
	return func(p *part, end bool) (filter.Action, error) {
		p.t.add("%s recodes: %t", p.name, p.s.Recode(p, c))
		return act(p, end)
	}
}

func TestRecode(t *testing.T) {
	const rs = filter.Response
	round := func() *bracketing { return &bracketing{open: "(", shut: ")"} }
	square := func() *bracketing { return &bracketing{open: "[", shut: "]"} }
	// start has a stream with filters a and b, of which b recodes, and the
	// response's head come to them.
	start := func(t *testing.T, a, b map[filter.Phases]callback) *rig {
		var tr trace
		r := begin(t, nil, all("a", &tr, a), all("b", &tr, b))
		r.head(filter.Request, true)
		r.head(rs, false)
		return r
	}
	head := func(c filter.Coder) map[filter.Phases]callback {
		return map[filter.Phases]callback{filter.PhaseResponseHeaders: recodes(c, answers(cont))}
	}

	t.Run("pieces", func(t *testing.T) {
		c := round()
		r := start(t, nil, head(c))
		is(t, "recoded", r.Recoded(rs), true)
		for _, piece := range []string{"ab", "cdef", "g"} {
			is(t, piece, r.feed(rs, piece, false), chain.Passed)
		}
		is(t, "the end", r.feed(rs, "h", true), chain.Passed)
		is(t, "what passed", r.out[rs].String(), "head (abcdef)(gh). end")
		is(t, "withheld", r.Withheld(rs), false)
		r.finish()
		is(t, "closed", c.closed, 1)
	})

	t.Run("several, flushed in turn", func(t *testing.T) {
		inner, outer := round(), square()
		r := start(t, head(outer), head(inner))
		r.feed(rs, "a", false)
		is(t, "before", r.out[rs].String(), "head ")
		for i := 0; r.Withheld(rs); i++ {
			is(t, "a flush", r.Flush(rs), chain.Passed)
			r.take(rs)
			if i == 2 {
				t.Fatal("there is no end to it")
			}
		}
		is(t, "flushed", r.out[rs].String(), "head [(a)]")
		is(t, "another", r.Flush(rs), chain.Held)
		r.feed(rs, "", true)
		is(t, "what passed", r.out[rs].String(), "head [(a)][.]. end")
		r.finish()
		is(t, "closed", inner.closed+outer.closed, 2)
	})

	t.Run("before trailers", func(t *testing.T) {
		r := start(t, nil, head(round()))
		r.feed(rs, "ab", false)
		is(t, "trailers", r.trailers(rs, "t"), chain.Passed)
		is(t, "what passed", r.out[rs].String(), "head (ab). [t] end")
		r.finish()
	})

	t.Run("behind a pause of the filter itself", func(t *testing.T) {
		b := head(round())
		b[filter.PhaseResponseBody] = answers(pause, pause, cont)
		r := start(t, nil, b)
		is(t, "held", r.feed(rs, "a", false), chain.Held)
		is(t, "nothing to flush", r.Withheld(rs), false)
		r.feed(rs, "b", false)
		r.feed(rs, "c", true)
		is(t, "what passed", r.out[rs].String(), "head (abc). end")
		r.finish()
	})

	t.Run("held trailers let go from outside", func(t *testing.T) {
		var tr trace
		on := head(round())
		on[filter.PhaseResponseTrailers] = answers(pause)
		b := all("b", &tr, on)
		r := begin(t, nil, b)
		r.head(filter.Request, true)
		r.head(rs, false)
		r.feed(rs, "ab", false)
		is(t, "held", r.trailers(rs, "t"), chain.Held)
		is(t, "resumed", r.resume(b, rs), chain.Passed)
		is(t, "what passed", r.out[rs].String(), "head (ab). [t] end")
		r.finish()
	})

	t.Run("a held head", func(t *testing.T) {
		var tr trace
		on := map[filter.Phases]callback{filter.PhaseResponseHeaders: recodes(round(), answers(pause))}
		b := all("b", &tr, on)
		r := begin(t, nil, b)
		r.head(filter.Request, true)
		is(t, "held", r.head(rs, false), chain.Held)
		is(t, "behind it", r.feed(rs, "abcd", false), chain.Held)
		is(t, "resumed", r.resume(b, rs), chain.Passed)
		r.feed(rs, "", true)
		is(t, "what passed", r.out[rs].String(), "head (abcd). end")
		r.finish()
	})

	t.Run("goes on when its filter fails open", func(t *testing.T) {
		var tr trace
		on := head(round())
		on[filter.PhaseResponseBody] = fails(errors.New("lost"))
		b := all("b", &tr, on)
		b.onError = filter.FailOpen
		r := begin(t, nil, b)
		r.head(filter.Request, true)
		r.head(rs, false)
		r.feed(rs, "abcd", false)
		r.feed(rs, "e", true)
		is(t, "what passed", r.out[rs].String(), "head (abcd)(e). end")
		r.finish()
	})

	t.Run("ends with a local reply in its place", func(t *testing.T) {
		c := round()
		a := map[filter.Phases]callback{filter.PhaseResponseHeaders: func(p *part, _ bool) (filter.Action, error) {
			return pause, p.s.Reply(filter.Reply{Status: 418, Body: []byte("no"), GRPC: -1})
		}}
		r := start(t, a, head(c))
		is(t, "stopped", r.Stopped(), true)
		status, body := r.answer()
		is(t, "status", status, 418)
		is(t, "body", body, "no")
		is(t, "closed", c.closed, 1)
		is(t, "recoded", r.Recoded(rs), false)
		r.finish()
		is(t, "closed", c.closed, 1)
	})

	t.Run("a local reply that comes to it", func(t *testing.T) {
		var tr trace
		b := all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
			return pause, p.s.Reply(filter.Reply{Status: 418, Body: []byte("short and stout"), GRPC: -1})
		}})
		r := begin(t, nil, all("a", &tr, head(round())), b)
		r.head(filter.Request, true)
		_, body := r.answer()
		is(t, "body", body, "(short and stout).")
		r.finish()
	})

	t.Run("a stream that is cut", func(t *testing.T) {
		c := round()
		r := start(t, nil, head(c))
		r.feed(rs, "a", false)
		r.finish()
		is(t, "closed", c.closed, 1)
	})
}

// TestRecodeIsRefused: where there is no body, a second time, elsewhere.
func TestRecodeIsRefused(t *testing.T) {
	var tr trace
	c := &bracketing{}
	twice := func(p *part, end bool) (filter.Action, error) {
		for range 2 {
			p.t.add("recodes: %t", p.s.Recode(p, c))
		}
		return cont, nil
	}
	on := map[filter.Phases]callback{filter.PhaseRequestHeaders: twice, filter.PhaseRequestBody: twice,
		filter.PhaseResponseHeaders: twice, filter.PhaseResponseBody: twice}
	count := func(end bool) (taken int) {
		tr.events = nil
		r := begin(t, nil, all("a", &tr, on))
		r.head(filter.Request, false)
		r.feed(filter.Request, "x", true)
		r.head(filter.Response, end)
		if !end {
			r.feed(filter.Response, "x", true)
		}
		r.finish()
		for _, e := range tr.events {
			if e == "recodes: true" {
				taken++
			}
		}
		return taken
	}
	is(t, "with a body", count(false), 1)
	is(t, "without one", count(true), 0)
	is(t, "closed", c.closed, 1)
}
