package state

// What a proxy lets through of a key that the store has not told it of yet, at
// once, is a part of the limit over all proxies, or some requests of each where
// that is more. A page that a browser loads fits into it.
const (
	advancePart = 10
	advanceMin  = 32
)

// share is the rate that holds where nothing is known of the store's mind. While
// the store answers, that is the limit with a small burst, all of which the
// store is told at once. Otherwise it is this proxy's part of the limit.
func (f *Fleet) share(r *Rate, now int64) Rate {
	members := f.members.Load()
	part := max(1, r.most()/members)
	s := *r
	s.Fleet = false
	if !f.answers(r, now) {
		s.Limit = max(1, r.Limit/members)
		s.Burst = part
	} else if part = min(part, max(r.most()/advancePart/members, advanceMin)); r.Algorithm == SlidingWindow {
		s.Limit = part
	} else {
		s.Burst = part
	}
	if r.Algorithm == SlidingWindow {
		s.Burst = 0
	}
	return s
}

// answers says whether the store answers fast enough for a rate.
func (f *Fleet) answers(r *Rate, now int64) bool {
	late := 2 * r.pace()
	began := f.asking.Load()
	return f.up.Load() && f.took.Load() <= late && (began == 0 || now-began <= late)
}
