package foreign

import "sync/atomic"

// seen remembers what was found valid by all that was asked. Questions that differ in
// their tokens alone have what else they ask, which is mostly keys, kept once.
type seen struct {
	rest  *cache[uint64] // what is asked beside the token, and its number
	last  atomic.Uint64
	valid *cache[[]byte] // answers, by that number and the token
}

const (
	tokenCache  = 8 << 20 // bytes of what was found valid
	restCache   = 1 << 20 // bytes of what was asked beside tokens
	tokenCached = 512     // bytes an entry takes beside its key and result
)

func newSeen() *seen {
	return &seen{rest: newCache[uint64](restCache), valid: newCache[[]byte](tokenCache)}
}

// split takes the token off a question's arguments: see question.
func split(b []byte) (rest, token []byte) {
	a := args{b: b}
	a.u32()
	for n := a.u32(); n > 0 && a.ok(); n-- {
		a.bytes(a.u32())
	}
	a.bytes(a.u32())
	token = a.rest()
	return b[:len(b)-len(token)], token
}

// find is the answer to a question that was asked before.
func (s *seen) find(b []byte) (answer []byte, ok bool) {
	rest, token := split(b)
	if of, ok := s.rest.find(rest); ok {
		return s.valid.findOf(of, token)
	}
	return nil, false
}

// add keeps an answer. Numbers are never given twice, so that those whose rest was
// forgotten meanwhile are not found any more.
func (s *seen) add(b, answer []byte) {
	rest, token := split(b)
	of, ok := s.rest.find(rest)
	if !ok {
		of = s.last.Add(1)
		s.rest.add(rest, of, tokenCached)
		if of, ok = s.rest.find(rest); !ok {
			return
		}
	}
	s.valid.addOf(of, token, answer, tokenCached+len(answer))
}
