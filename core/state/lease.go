package state

import (
	"math"
	"time"
)

// lease is what a proxy has of the limit of one key, and knows of it.
type lease struct {
	key  [16]byte // for the store
	rate Rate

	fresh, old units   // granted in the half of a life that runs, and in the one before
	spent      int64   // let through without a lease, less what came back unused
	demand     int64   // units asked for since the last exchange
	average    float64 // of demand, in an exchange
	idle       int     // exchanges without demand

	asked  int64  // when the store was asked for its last word
	heard  int64  // that counts until then
	memo   []byte // and is told again to one that has forgotten it
	short  bool   // that word was that there is no more
	retry  int64  // when there is a unit again, by that word
	reset  int64  // when the key is as if never used, by that word
	left   int64  // what the store had left
	due    int64  // when it is to be asked next
	queued bool   // it is in its shard's list
}

// units can be taken until a moment.
type units struct {
	n     int64
	until int64
}

// lifePart: leased units live for this part of the period, so that what may be out
// while the bucket fills again is this part of the limit.
const lifePart = 20

// life is how long units of a rate are leased for, at most.
func (r *Rate) life() int64 { return int64(r.Period) / lifePart }

// pace is from one exchange about a key to the next: twice in a life or oftener,
// so that what is not used comes back soon.
func (r *Rate) pace() int64 { return min(r.life()/2, mostPace) }

const (
	leastPace = int64(25 * time.Millisecond) // that of the shortest period
	mostPace  = int64(500 * time.Millisecond)
)

// take decides by what is leased, or by the store's word that there is no more.
// It answers false where neither is known.
func (l *lease) take(r *Rate, cost, now int64) (Decision, bool) {
	l.rate = *r
	l.demand = add(l.demand, cost)
	l.expire(now)
	l.due = min(l.due, now+r.pace())
	have := l.fresh.n + l.old.n
	d := Decision{Reset: time.Duration(max(0, l.reset-now))}
	switch {
	case have >= cost && have > 0:
		fromOld := min(l.old.n, cost)
		l.old.n -= fromOld
		l.fresh.n -= cost - fromOld
		d.Allowed = true
		d.Remaining = min(have-cost+l.left, r.most())
		return d, true
	case l.short && now < max(l.heard, l.retry):
		d.Allowed = cost == 0
		if cost > 0 {
			d.Retry = time.Duration(max(l.retry-now, r.pace()))
		}
		return d, true
	}
	return d, false
}

// expire gives back what was not used in time.
func (l *lease) expire(now int64) {
	for _, u := range [...]*units{&l.old, &l.fresh} {
		if u.until <= now {
			l.spent -= u.n
			u.n = 0
		}
	}
}

// ask is what the store is told and asked. It may be called when due. Unless lend
// is true, nothing is asked for.
func (l *lease) ask(now int64, lend bool) Ask {
	l.expire(now)
	pace, demand := l.rate.pace(), float64(l.demand)
	l.due = now + pace
	if l.demand > 0 {
		l.idle = 0
		l.average = max(demand, (l.average+demand)/2)
	} else if l.idle++; l.idle > 1 {
		l.average /= 2
	}
	need := min(int64(math.Ceil(l.average*1.25)), l.rate.most())
	if l.idle > restful {
		need = 1 // of a client that asks seldom
		if end := min(l.old.end(), l.fresh.end()); end != math.MaxInt64 {
			l.due = max(l.due, end)
		}
	}
	have := l.fresh.n
	if l.old.until > now+pace {
		have += l.old.n
	}
	a := Ask{Key: l.key, Rate: l.rate, Want: max(0, need-have), Memo: l.memo}
	if l.idle > 0 {
		a.Want = 0
		for _, u := range [...]*units{&l.old, &l.fresh} {
			surplus := min(u.n, max(0, l.old.n+l.fresh.n-need))
			u.n -= surplus
			l.spent -= surplus
		}
	}
	if !lend {
		a.Want = 0
	}
	a.Spent, l.spent, l.demand = l.spent, 0, 0
	return a
}

// restful is how many exchanges without demand make a key one that is used seldom.
const restful = 2

// end is when there is something to give back.
func (u *units) end() int64 {
	if u.n == 0 {
		return math.MaxInt64
	}
	return u.until
}

// hear takes the store's answer to an ask that was sent at a moment.
func (l *lease) hear(a *Ask, g *Grant, sent int64) {
	life := a.Rate.life()
	if l.fresh.until < sent+life/2 {
		l.spent -= l.old.n
		l.old, l.fresh = l.fresh, units{until: sent + life}
	}
	l.fresh.n += g.Units
	l.left = g.Left
	l.short = g.Units < a.Want || g.Left == 0 && a.Want == 0
	l.asked, l.memo = sent, g.Memo
	l.heard, l.retry, l.reset = sent+2*a.Rate.pace(), sent+int64(g.Retry), sent+int64(g.Reset)
}

// decline gives back what a grant lends.
func (l *lease) decline(a *Ask, g *Grant) {
	l.spent -= g.Units
	g.Left += g.Units
	g.Units, a.Want = 0, 0
}

// miss takes back what a store may not have heard. It may have: what was let
// through is then counted twice, and what came back not at all. That is less
// than the limit, never more.
func (l *lease) miss(a *Ask, sent int64) {
	l.due = sent // to be told first, when the store is back
	l.spent = min(l.spent+max(0, a.Spent), l.rate.most())
}

// rests says whether the lease need not be asked about.
func (l *lease) rests() bool {
	return l.demand == 0 && l.spent == 0 && l.fresh.n == 0 && l.old.n == 0 && l.idle > restful
}
