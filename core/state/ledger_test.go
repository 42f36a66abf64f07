package state_test

import (
	"context"
	"errors"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// ledger is a store in memory, whose clock is the test's.
type ledger struct {
	now     func() int64
	members int
	down    bool
	lie     func([]state.Grant) ([]state.Grant, int)
	delay   func() // within an exchange
	levels  map[[16]byte]*level
	granted int64
	back    int64 // that came back unused
	asks    int
}

type level struct {
	units float64
	at    int64
}

func newLedger(now func() int64, members int) *ledger {
	return &ledger{now: now, members: members, levels: map[[16]byte]*level{}}
}

func (g *ledger) Exchange(_ context.Context, _ string, asks []state.Ask) (int, []state.Grant, error) {
	if g.delay != nil {
		g.delay()
	}
	if g.down {
		return 0, nil, errors.New("the ledger is closed")
	}
	grants := make([]state.Grant, len(asks))
	for i, a := range asks {
		g.asks++
		grants[i] = g.ask(a)
	}
	members := g.members
	if g.lie != nil {
		grants, members = g.lie(grants)
	}
	return members, grants, nil
}

// ask holds a bucket, as simply as can be.
func (g *ledger) ask(a state.Ask) (out state.Grant) {
	size, perNano := float64(a.Rate.Burst), float64(a.Rate.Limit)/float64(a.Rate.Period)
	l := g.levels[a.Key]
	now := g.now()
	if l == nil {
		l = &level{size, now}
		g.levels[a.Key] = l
	}
	l.units = min(size, l.units+float64(now-l.at)*perNano)
	l.at = now
	l.units = max(-size, min(size, l.units-float64(a.Spent)))
	out.Units = max(0, min(a.Want, int64(l.units)))
	l.units -= float64(out.Units)
	g.granted += out.Units
	g.back -= min(0, a.Spent)
	out.Left = max(0, int64(l.units))
	if l.units < 1 {
		out.Retry = time.Duration((1 - l.units) / perNano)
	}
	out.Reset = time.Duration((size - l.units) / perNano)
	return out
}
