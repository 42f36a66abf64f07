// Package load sends requests to a server over several connections and says how
// long the answers took. It is cheap: a request is bytes that were made once, an
// answer is read as far as its end needs.
//
// A closed loop sends a connection's next request when it has the answer: as
// much as the server can take. An open loop sends at a rate, whatever the server
// does, and counts from the instant at which a request was to be sent: what a
// slow server keeps waiting is part of the latency (no coordinated omission).
//
// Start at [Load].
package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what is sent.
type Load struct {
	Addr        string // "host:port"
	TLS         *tls.Config
	Request     Request
	Status      int // that an answer must have
	Connections int
	Rate        float64 // requests a second of an open loop; 0: a closed loop
	Duration    time.Duration
}

// Result is what came of it.
type Result struct {
	Requests int64 // answered as they should be
	Errors   int64 // that were answered otherwise, or not at all
	Unsent   int64 // of an open loop: due, but no connection was free until the end
	Took     time.Duration
	Latency  *Latency
	First    error // of Errors
}

// RPS are the requests that were answered in a second.
func (r *Result) RPS() float64 { return float64(r.Requests) / r.Took.Seconds() }

// grace is how long an answer may take behind the end of the load.
const grace = 5 * time.Second

// Run sends requests until the duration or ctx is over, at least one. Answers that
// fail are counted; the error says that there was none that did not.
func (l *Load) Run(ctx context.Context) (*Result, error) {
	began := time.Now()
	end := began.Add(l.Duration)
	// A connection that waits for an answer gives up when ctx is over, and else a while behind the end.
	ctx, cancel := context.WithDeadline(ctx, end.Add(grace))
	defer cancel()
	r := &run{load: l, end: end, latency: newShards()}
	r.due = make(chan time.Time, dueAhead)
	if l.Rate <= 0 {
		close(r.due)
	} else {
		go r.pace(ctx, began)
	}
	var all sync.WaitGroup
	for i := range l.Connections {
		all.Go(func() { r.connection(ctx, i) })
	}
	all.Wait()
	interrupted := context.Cause(ctx)
	cancel()
	for at := range r.due { // what the connections have left
		r.leave(at)
	}
	res := &Result{
		Requests: r.good.Load(), Errors: r.bad.Load(), Unsent: r.unsent.Load(),
		Took: time.Since(began), Latency: r.latency.merge(), First: r.first,
	}
	if interrupted != nil && time.Now().Before(end) {
		return res, interrupted
	}
	if res.Requests == 0 && r.first == nil {
		return res, fmt.Errorf("sending requests to %s: nothing came in %v; measure for longer", l.Addr, res.Took.Round(time.Millisecond))
	}
	if res.Requests == 0 {
		why := r.first
		if why == nil { // not even a connection
			why = interrupted
		}
		return res, fmt.Errorf("sending requests to %s: none of %d was answered as it should: %w", l.Addr, res.Errors, why)
	}
	return res, nil
}

// run is a load under way.
type run struct {
	load    *Load
	end     time.Time
	due     chan time.Time // when requests are to be sent, of an open loop; closed when all were
	latency *shards

	begun             atomic.Bool // a request was sent, or could not be
	good, bad, unsent atomic.Int64

	once  sync.Once
	first error
}

// over says whether the time is, and that it was enough for a request: where the
// duration is short and the machine slow, connecting alone may take longer.
func (r *run) over(now time.Time) bool {
	return !now.Before(r.end) && !r.begun.CompareAndSwap(false, true)
}

// failed counts a request that was not answered as it should be.
func (r *run) failed(err error) {
	r.begun.Store(true)
	r.once.Do(func() { r.first = err })
	r.bad.Add(1)
}
