package chain

import "github.com/weirproxy/weir/core/filter"

// coder is what a seat's body passes through when its filter has let it go.
type coder struct {
	filter.Coder      // nil for none
	withheld     bool // it may hold something back
	ended        bool
}

// Recode is for filters: see filter.Stream.
func (s *Stream) Recode(p filter.Part, c filter.Coder) bool {
	const d = filter.Response
	st := s.callee
	if st == nil || st.part != p || s.phase != headPhase(d) || s.bodiless || st.half[d].coder.Coder != nil {
		return false
	}
	st.half[d].coder.Coder = c
	s.dir[d].recoded = true
	return true
}

// Recoded says whether the body of d becomes another on its way: its length is
// not what the head of its sender said.
func (s *Stream) Recoded(d filter.Direction) bool { return s.dir[d].recoded }

// Withheld says whether bytes of d that have passed all they had to pass are
// held back for a better encoding. An owner about to wait for more calls Flush.
func (s *Stream) Withheld(d filter.Direction) bool {
	if !s.dir[d].recoded {
		return false
	}
	for p := 0; p < s.dir[d].seats; p++ {
		if s.at(d, p).half[d].coder.withheld {
			return true
		}
	}
	return false
}

// Flush lets go of what one coder holds back. Where there are several, what the
// first lets go of is the next one's: call it until nothing is withheld.
func (s *Stream) Flush(d filter.Direction) Verdict {
	if s.verdictPending() {
		return s.pending()
	}
	for p := 0; p < s.dir[d].seats; p++ {
		if c := &s.at(d, p).half[d].coder; c.withheld {
			c.withheld = false
			if out := c.Flush(); len(out) > 0 {
				return s.data(d, p+1, out, false)
			}
		}
	}
	return Held
}

// encode takes a piece through the coder. ok says whether there is something
// to pass on: bytes, or the end.
func (c *coder) encode(chunk []byte, end bool) (out []byte, ok bool) {
	if c.Coder == nil {
		return chunk, true
	}
	if len(chunk) == 0 && !end {
		return nil, false
	}
	c.withheld, c.ended = !end, end
	out = c.Encode(chunk, end)
	return out, end || len(out) > 0
}

// onward takes what the seat at p lets go of through its coder and to the next.
func (s *Stream) onward(d filter.Direction, p int, chunk []byte, end bool) Verdict {
	chunk, ok := s.at(d, p).half[d].coder.encode(chunk, end)
	if !ok {
		return Passed
	}
	return s.data(d, p+1, chunk, end)
}

// finishCoder ends the body that passes through the coder at p, before trailers
// that end the message.
func (s *Stream) finishCoder(d filter.Direction, p int) Verdict {
	c := &s.at(d, p).half[d].coder
	if c.Coder == nil || c.ended {
		return Passed
	}
	out, _ := c.encode(nil, true)
	return s.data(d, p+1, out, false)
}

// close ends the coder, if there is one.
func (c *coder) close() {
	if c.Coder != nil {
		c.Coder.Close()
		*c = coder{}
	}
}

// closeCoders ends those of the response, the one direction that has some.
func (s *Stream) closeCoders() {
	if !s.dir[filter.Response].recoded {
		return
	}
	for i := range s.seats {
		s.seats[i].half[filter.Response].coder.close()
	}
}
