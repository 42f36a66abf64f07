package trial

import (
	"context"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/core/wasm"
)

// Runner runs cases. Close ends what it keeps.
type Runner struct {
	Engine   *wasm.Engine
	Builtins server.Builtins
	// Line and Call are told what filters log and call, as it happens. They may
	// be nil.
	Line func(rig.Line)
	Call func(*rig.Call)
	// Events is the most that may happen in one step, 0: 100,000.
	Events int

	last *rig.Rig // kept until the next is there, and with it compiled code
}

// Result is what came of a case.
type Result struct {
	Suite      *Suite
	Case       *Case
	Mismatches []Mismatch // none: it passed
	Took       time.Duration
}

// Passed says that all was as the case wants it.
func (r *Result) Passed() bool { return len(r.Mismatches) == 0 }

// Run runs one case. When ctx is over it ends early, and fails.
func (r *Runner) Run(ctx context.Context, s *Suite, c *Case) Result {
	began := time.Now()
	t := newTry(s, c)
	var err error
	t.rig, err = rig.New(ctx, r.options(c, t))
	if err != nil {
		t.refused(err)
	} else {
		r.keep(t.rig)
		t.run()
	}
	slices.SortStableFunc(t.found, func(a, b Mismatch) int { return a.Line - b.Line })
	return Result{s, c, t.found, time.Since(began)}
}

func (r *Runner) options(c *Case, t *try) rig.Options {
	o := rig.Options{
		Engine: r.Engine, Builtins: r.Builtins, Filters: c.filters, Chain: c.chain, Start: c.start,
		Reply: t.reply, Line: r.Line, Called: r.Call, Events: r.Events,
	}
	if c.clusters != nil {
		o.Cluster = func(name string) bool { return slices.Contains(*c.clusters, name) }
	}
	return o
}

// keep holds a rig until the next is there.
func (r *Runner) keep(now *rig.Rig) {
	if r.last != nil {
		r.last.Close()
	}
	r.last = now
}

// Close ends what the last case has left.
func (r *Runner) Close() { r.keep(nil) }
