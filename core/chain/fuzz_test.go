package chain_test

import (
	"bytes"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// script deals out a fuzzer's bytes, zeros when they are used up.
type script struct{ b []byte }

func (s *script) next(n int) int {
	if len(s.b) == 0 {
		return 0
	}
	v := int(s.b[0]) % n
	s.b = s.b[1:]
	return v
}

// mark is what filter i adds to a body: a byte that no input has.
func mark(i int) byte { return 0xf0 + byte(i) }

// player is a filter whose every callback does what the script says. What a
// filter has held back cannot be dropped any more, nor what comes to it.
func player(i int, d filter.Direction, sc *script, tr *trace, dropped map[byte]bool, marks []int) *fake {
	var held []byte
	act := func(p *part, end bool) (filter.Action, error) {
		b, body := p.s.Body(p, d), p.s.Phase()&phasesOf[d][1] != 0
		kept := b != nil && len(held) > 0 && bytes.HasPrefix(b.Bytes(), held)
		// Only beside bytes that come once, by which what is held is known again.
		if b != nil && b.Len() > 0 && sc.next(4) == 0 {
			b.Splice(b.Len(), 0, []byte{mark(i)})
			marks[i]++
		}
		if end && sc.next(5) == 0 {
			if t := p.s.AddTrailers(d); t != nil && !t.Has("added") {
				t.AddString("added", "x")
			}
		}
		if sc.next(8) == 0 {
			p.s.Resume(p, d)
		}
		a := []filter.Action{cont, pause, wait, cont, drop}[sc.next(5)]
		switch {
		case a == drop && b != nil && body && kept:
		case a == drop && b != nil && body:
			for _, c := range b.Bytes() {
				dropped[c] = true
				if c >= 0xf0 {
					marks[c-0xf0]--
				}
			}
		case a == drop:
			a = cont
		}
		held = nil
		if body && a != cont && (a != drop || kept) {
			held = bytes.Clone(b.Bytes())
		}
		return a, nil
	}
	on := map[filter.Phases]callback{}
	for _, p := range phasesOf[d] {
		if sc.next(4) > 0 { // some take no part in a phase
			on[p] = act
		}
	}
	return &fake{name: string(rune('a' + i)), t: tr, on: on}
}

// FuzzChain drives filters that hold, drop, add and resume at will, and lets
// all pauses end: head, body and end come out once and in order, and of the
// body nothing is lost or doubled but what a filter dropped.
func FuzzChain(f *testing.F) {
	for _, seed := range []string{"", "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x03\x01\x00\x02\x05",
		"\x03\x07\x07\x01\x02\x04\x04\x01\x00\x04\x02\x01\x01\x05\x04\x04\x00\x00\x01\x01", "a filter that pauses holds what it saw",
		"\x00\x02\x01\x03\x03\x03\x02\x02\x02\x01\x01\x01\x00\x00\x04\x04\x03\x01\x02\x09\x01\x02\x03\x04\x05\x06\x07"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sc, tr := &script{data}, new(trace)
		d := filter.Direction(sc.next(2))
		n := 1 + sc.next(4)
		dropped, marks := map[byte]bool{}, make([]int, n)
		var links []*fake
		for i := range n {
			links = append(links, player(i, d, sc, tr, dropped, marks))
		}
		r := begin(t, nil, links...)
		if d == filter.Response {
			r.head(filter.Request, true)
		}
		fed, expectTrailers := drive(r, d, sc, links)
		settle(r, d, links)
		if r.Stopped() { // a filter held more than it may
			r.answer()
			r.finish()
			return
		}
		out := r.out[d]
		if !out.head || !out.end || expectTrailers && out.trailers == "" {
			t.Fatalf("out is %q, trailers %v\n%q", out, expectTrailers, tr.events)
		}
		var want []byte
		for _, c := range fed {
			if !dropped[c] {
				want = append(want, c)
			}
		}
		var got []byte
		left := make([]int, n)
		for _, c := range []byte(out.data) {
			if c >= 0xf0 {
				left[c-0xf0]++
			} else {
				got = append(got, c)
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("out is %q, want %q of %q\n%q", got, want, fed, tr.events)
		}
		for i := range marks {
			if left[i] != marks[i] {
				t.Fatalf("filter %d added %d bytes, out are %d\n%q", i, marks[i], left[i], tr.events)
			}
		}
		r.finish()
	})
}

// drive feeds a message as the script says, waiting where the stream is not to
// be fed. It gives the body: each byte once, so that it can be told apart.
func drive(r *rig, d filter.Direction, sc *script, links []*fake) (fed []byte, trailers bool) {
	if sc.next(6) == 1 {
		r.head(d, true)
		return nil, false
	}
	v := r.head(d, false)
	for c := byte(1); v <= chain.Held; {
		for !r.Feedable(d) && v <= chain.Held {
			v = free(r, d, links)
		}
		var piece []byte
		for range sc.next(4) {
			piece = append(piece, c)
			c++
		}
		last := c > 20 || len(sc.b) == 0 || sc.next(4) == 3
		if v > chain.Held {
			break
		}
		fed = append(fed, piece...)
		if last && sc.next(2) == 1 {
			if v = r.feed(d, string(piece), false); v <= chain.Held && r.Feedable(d) {
				r.trailers(d, "t")
				return fed, true
			}
			for !r.Feedable(d) && v <= chain.Held {
				v = free(r, d, links)
			}
			if v <= chain.Held {
				r.trailers(d, "t")
			}
			return fed, true
		}
		if v = r.feed(d, string(piece), last); last {
			break
		}
		if sc.next(5) == 1 {
			v = free(r, d, links)
		}
	}
	return fed, false
}

// free resumes every filter, and lets flow what that sets free.
func free(r *rig, d filter.Direction, links []*fake) chain.Verdict {
	for _, f := range links {
		r.Resume(f.part, d)
	}
	return r.flow(d)
}

// settle ends all pauses: a filter may pause again in what follows a resumption,
// but not for ever, as there is nothing more to come.
func settle(r *rig, d filter.Direction, links []*fake) {
	for range 50 {
		if !r.Holding(d) || free(r, d, links) > chain.Held {
			return
		}
	}
	r.t.Fatal("pauses do not end")
}
