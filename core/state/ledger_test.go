package state_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// ledger is a store in memory, whose clock is the test's.
type ledger struct {
	now     func() int64
	down    bool
	most    int // asks that it can answer at once; 0: all
	lie     func(*state.Reply)
	delay   func() // within an exchange
	epoch   uint64
	members map[string]int64 // when each asked
	levels  map[[16]byte]*level
	granted int64
	back    int64 // that came back unused
	asks    int
}

type level struct {
	units float64
	at    int64
	taken float64 // since it was made
}

func newLedger(now func() int64) *ledger {
	g := &ledger{now: now}
	g.forget()
	return g
}

// forget begins anew.
func (g *ledger) forget() {
	g.epoch++
	g.members, g.levels = map[string]int64{}, map[[16]byte]*level{}
}

func (g *ledger) Exchange(_ context.Context, r state.Report) (state.Reply, error) {
	if g.delay != nil {
		g.delay()
	}
	if g.down || g.most > 0 && len(r.Asks) > g.most {
		return state.Reply{}, errors.New("the ledger is closed")
	}
	reply := state.Reply{Epoch: g.epoch, Grants: make([]state.Grant, len(r.Asks))}
	for i := range r.Asks {
		g.asks++
		reply.Grants[i] = g.ask(&r.Asks[i])
	}
	if r.Counts > 0 && (r.Epoch == 0 || r.Epoch == g.epoch) {
		g.members[r.Member] = g.now()
	}
	for m, asked := range g.members {
		if g.now()-asked > int64(state.MemberFor) {
			delete(g.members, m)
		} else if g.now()-asked <= int64(r.RecentFor) {
			reply.Recent++
		}
	}
	reply.Members = max(1, len(g.members))
	if g.lie != nil {
		g.lie(&reply)
	}
	return reply, nil
}

// ask holds a bucket, as simply as can be.
func (g *ledger) ask(a *state.Ask) (out state.Grant) {
	size, perNano := float64(a.Rate.Burst), float64(a.Rate.Limit)/float64(a.Rate.Period)
	l := g.levels[a.Key]
	now := g.now()
	if l == nil {
		l = &level{units: size, at: now}
		g.levels[a.Key] = l
	}
	l.units = min(size, l.units+float64(now-l.at)*perNano)
	l.at = now
	var epoch uint64
	var had level
	if n, _ := fmt.Sscan(string(a.Memo), &epoch, &had.units, &had.at); n == 3 && epoch != g.epoch {
		l.units = min(l.units, min(size, had.units+float64(now-had.at)*perNano)-l.taken)
	}
	begin := l.units
	l.units = max(-size, min(size, l.units-float64(a.Spent)))
	out.Units = max(0, min(a.Want, int64(l.units)))
	l.units -= float64(out.Units)
	l.taken += begin - l.units
	g.granted += out.Units
	g.back -= min(0, a.Spent)
	out.Left = max(0, int64(l.units))
	if l.units < 1 {
		out.Retry = time.Duration((1 - l.units) / perNano)
	}
	out.Reset = time.Duration((size - l.units) / perNano)
	out.Memo = fmt.Append(nil, g.epoch, " ", l.units, " ", l.at)
	return out
}
