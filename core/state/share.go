package state

// What a proxy lets through of a key that the store has not told it of yet, at
// once, is a part of the limit over all proxies, or some requests of each where
// that is more. A page that a browser loads fits into it.
const (
	advancePart = 10
	advanceMin  = 32
)

// share is the rate that holds where nothing is leased, and what is known of the
// key beside this proxy's own counter. It is this proxy's part of the limit. While
// the store answers its burst is small, and the store is told of all at once; else
// the store's last word counts, by which perhaps less is left.
func (f *Fleet) share(r *Rate, l *lease, now int64) (Rate, cell) {
	members := f.members.Load()
	part := max(1, r.most()/members)
	s := *r
	s.Fleet = false
	var known cell
	if f.answers(r, now) {
		part = min(part, max(r.most()/advancePart/members, advanceMin))
	} else if l != nil {
		known = l.known(r, members, now)
	}
	if r.Algorithm == SlidingWindow {
		s.Limit = part
	} else {
		s.Limit, s.Burst = max(1, r.Limit/members), part
	}
	return s, known
}

// answers says whether the store answers fast enough for a rate, and lends.
func (f *Fleet) answers(r *Rate, now int64) bool {
	late := 2 * r.pace()
	began := f.asking.Load()
	return f.up.Load() && f.lends.Load() && f.took.Load() <= late && (began == 0 || now-began <= late)
}

// known is what the store said last, as the counter of one of so many members.
func (l *lease) known(r *Rate, members, now int64) cell {
	if l.reset <= now {
		return cell{}
	}
	if r.Algorithm == TokenBucket { // a part of a bucket is full when the whole is
		return cell{at: l.reset, expires: l.reset}
	}
	period := int64(r.Period)
	begin := l.asked - l.asked%period
	return cell{at: begin, count: (max(0, r.Limit-l.left) + members - 1) / members, period: period, expires: begin + 2*period}
}

// learn has c say no more is left than k does.
func (c *cell) learn(k *cell, r *Rate, now int64) {
	switch {
	case k.expires <= now:
	case r.Algorithm == TokenBucket:
		if k.at > c.at {
			*c = *k
		}
	case c.expires <= now || c.period != k.period || c.at < k.at-k.period:
		*c = *k
	case c.at < k.at:
		*c = cell{at: k.at, count: k.count, before: c.count, period: k.period, expires: k.expires}
	case c.at == k.at:
		c.count = max(c.count, k.count)
	default:
		c.before = max(c.before, k.count)
	}
}
