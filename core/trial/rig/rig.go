package rig

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// Options make a Rig.
type Options struct {
	Engine   *wasm.Engine
	Builtins server.Builtins // nil: none
	Filters  map[string]config.Filter
	Chain    []string // names of Filters, in order
	Start    time.Time
	Lanes    int                    // instances of each filter, 0: one
	Reply    func(*Call) *Reply     // nil, or an answer of nil: there is none
	Cluster  func(name string) bool // whether there is one; nil: there is
	Line     func(Line)             // is told of each line of the log; may be nil
	Called   func(*Call)            // is told of each call; may be nil
	Limits   func(c *config.Config) // changes the proxy's bounds; may be nil
	Meter    *Meter                 // measures; may be nil
	// Make makes the chain of filters that are there; nil: of Chain, as it stands.
	Make   func(*server.Alone) (*chain.Chain, error)
	Events int // most that may happen in one move of the clock, 0: 100,000
}

// Rig is a chain of filters in a host of its own. Its methods are called from
// one goroutine.
type Rig struct {
	Clock *Clock
	Log   *Log

	opt     Options
	ctx     context.Context
	alone   *server.Alone
	chain   *chain.Chain
	state   *state.Store
	metrics *observe.Metrics
	caller  *caller
	open    []*Stream
	free    []*chain.Stream // for streams to come
	last    uint64          // stream's id
	node    string          // this proxy's id
	failed  int             // lines of the log that were looked at for failures
}

// New loads and configures the filters. ctx bounds the rig's life: when it is
// over nothing more happens.
func New(ctx context.Context, o Options) (*Rig, error) {
	r := &Rig{Clock: newClock(o.Start), Log: &Log{tell: o.Line}, opt: o, ctx: ctx, metrics: observe.NewMetrics("test")}
	r.caller = &caller{clock: r.Clock, reply: o.Reply, tell: o.Called}
	if o.Events <= 0 {
		r.opt.Events = maxEvents
	}
	if o.Reply == nil {
		r.caller.reply = func(*Call) *Reply { return nil }
	}
	r.state = state.New(state.Options{Now: r.Clock.nanos})
	cfg := config.Default(config.RoleGateway)
	cfg.Node.ID, cfg.Filters = "test", o.Filters
	cfg.Wasm.Lanes, cfg.Wasm.LogLines = max(1, o.Lanes), maxLines
	if o.Limits != nil {
		o.Limits(cfg)
	}
	r.node = cfg.Node.ID
	var err error
	r.alone, err = server.NewAlone(ctx, server.Surroundings{
		Engine: o.Engine, State: r.state, Metrics: r.metrics, Caller: r.caller, Clock: r.Clock,
		Log: slog.New(r.Log), Builtins: o.Builtins, Version: "test",
	}, cfg, o.Chain)
	if err != nil {
		return nil, err
	}
	if o.Make == nil {
		r.chain = r.alone.Chain(o.Chain)
	} else if r.chain, err = o.Make(r.alone); err != nil {
		r.alone.Close()
		return nil, err
	}
	if o.Meter != nil {
		o.Meter.rig = r
	}
	return r, nil
}

// Close ends the streams that are still open, and the filters.
func (r *Rig) Close() {
	for _, s := range r.open {
		s.Abort()
	}
	r.alone.Close()
}

// Advance moves the clock on, and does all that is due on the way, in order.
func (r *Rig) Advance(d time.Duration) error {
	to := r.Clock.Now().Add(d)
	if err := r.run(to); err != nil {
		return err
	}
	r.Clock.move(to)
	return nil
}

// Settle does all that can be done without moving the clock.
func (r *Rig) Settle() error { return r.run(r.Clock.Now()) }

// maxEvents is the default of Options.Events.
const maxEvents = 100_000

// run does all that is due by a time.
func (r *Rig) run(by time.Time) error {
	for n := 0; ; n++ {
		if err := r.ctx.Err(); err != nil {
			return errors.New("interrupted")
		}
		if n > r.opt.Events {
			return fmt.Errorf("the filters do not come to rest: more than %d events; a shorter advance, a longer timer period or fewer calls are needed", r.opt.Events)
		}
		// Looked at before the streams are: what is done from here on moves one of them.
		errands := r.alone.Errands()
		moved := false
		left := r.open[:0]
		for _, s := range r.open {
			moved = s.work() || moved
			if !s.over() {
				left = append(left, s)
			}
		}
		clear(r.open[len(left):])
		r.open = left
		r.revive()
		if moved {
			continue
		}
		if do := r.Clock.next(by); do != nil {
			done := r.opt.Meter.enter(PhaseEvents)
			do()
			done()
			continue
		}
		if errands == 0 {
			return nil
		}
		n--
		time.Sleep(50 * time.Microsecond) // heavy work beside a lane
	}
}

// reviveWait bounds the wait for fresh instances. An instance that dies again
// and again is left alone for longer, and that is what the filter gets.
const reviveWait = 5 * time.Second

// revive waits, after a failure, until there are instances again, so that what
// comes next does not depend on how quickly they start.
func (r *Rig) revive() {
	failed := false
	for _, line := range r.Log.Lines(r.failed) {
		r.failed++
		failed = failed || line.Failure != ""
	}
	if !failed {
		return
	}
	for by := time.Now().Add(reviveWait); time.Now().Before(by) && r.ctx.Err() == nil && r.reviving(); {
		time.Sleep(time.Millisecond)
	}
}

// reviving says whether an instance is being made, or waits for that.
func (r *Rig) reviving() bool {
	for _, f := range r.alone.Stats() {
		if f.Quarantined {
			continue
		}
		for _, l := range f.Lanes {
			if l.State == "starting" || l.State == "down" {
				return true
			}
		}
	}
	return false
}

// Metric is the value of a metric that filters defined, see
// observe.GuestMetrics.Read.
func (r *Rig) Metric(name string) (int64, bool) { return r.metrics.Guests().Read(name) }

// SharedData is a value of the shared data of the filter of a name.
func (r *Rig) SharedData(filter, key string) (value string, ok bool) {
	for _, f := range r.alone.Stats() {
		if f.Name != filter {
			continue
		}
		space := r.state.Open(f.Namespace, 0)
		defer space.Close()
		v, _, ok := space.Get(nil, []byte(key))
		return string(v), ok
	}
	return "", false
}

// Chain is what streams go through, for those who take them there themselves.
func (r *Rig) Chain() *chain.Chain { return r.chain }

// Calls are those that filters made, from one on by how many there were before.
func (r *Rig) Calls(from int) []Call { return r.caller.calls(from) }

// CallCount is how many there were.
func (r *Rig) CallCount() int { return r.caller.count() }

// Forget drops the lines and calls that were kept.
func (r *Rig) Forget() {
	r.Log.forget()
	r.caller.forget()
	r.failed = 0
}

// Stats are those of the filters.
func (r *Rig) Stats() []proxywasm.FilterStats { return r.alone.Stats() }
