package health

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
)

// Watcher checks one endpoint until it is stopped.
type Watcher struct {
	check   *Check
	probe   probe
	changed func(healthy bool, why error)
	stop    chan struct{}
	stopped atomic.Bool

	mu sync.Mutex
	verdict
}

// State is what is known of an endpoint at one moment.
type State struct {
	Healthy  bool
	Since    time.Time // of the last change; zero before the first
	Checks   uint64
	Failures uint64
	Err      error // of the last check
}

// Watch begins to check the endpoint at addr. o is how its cluster connects:
// checks have connections of their own, so that neither load nor a full pool
// looks like illness, but make them the same way. changed is told of each
// change, never after Stop has returned and the check under way has ended.
func Watch(addr string, c *Check, o pool.Options, changed func(healthy bool, why error)) *Watcher {
	w := &Watcher{check: c, probe: c.probe(addr, o), changed: changed, stop: make(chan struct{})}
	w.verdict = verdict{State: State{Healthy: true}, rise: c.HealthyAfter, fall: c.UnhealthyAfter}
	go w.run()
	return w
}

// Stop ends the checks, also the one under way. It does not wait for that.
func (w *Watcher) Stop() {
	if !w.stopped.Swap(true) {
		close(w.stop)
		w.probe.interrupt()
	}
}

// State is what is known now.
func (w *Watcher) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.verdict.State
}

// maxSpread bounds how long the first check may wait, so that those of a large
// cluster do not all begin in one moment.
const maxSpread = 250 * time.Millisecond

func (w *Watcher) run() {
	defer w.probe.close()
	t := time.NewTimer(time.Duration(rand.Float64() * float64(min(w.check.Interval, maxSpread))))
	defer t.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-t.C:
		}
		err := w.probe.check(time.Now().Add(w.check.Timeout))
		if w.stopped.Load() {
			return
		}
		w.note(err)
		t.Reset(w.pause())
	}
}

// pause is the time to the next check.
func (w *Watcher) pause() time.Duration {
	return time.Duration(float64(w.check.Interval) * (1 + w.check.Jitter*(2*rand.Float64()-1)))
}

func (w *Watcher) note(err error) {
	w.mu.Lock()
	changed := w.verdict.note(err, time.Now())
	healthy := w.Healthy
	w.mu.Unlock()
	if changed {
		w.changed(healthy, err)
	}
}
