package overload

import (
	"context"
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// every is the time between two looks at the memory: short against what it
// takes to fill the few hundredths of a limit between two levels.
const every = 250 * time.Millisecond

const (
	// Between two releases of memory, the first being worth it; a release that
	// brought little doubles the wait.
	releaseEvery  = int64(5 * time.Second)
	releaseSeldom = int64(time.Minute)
	// worth is the part of the limit that makes a release worth it.
	worth = 0.01
	// blind is how long a level is kept while the memory cannot be read.
	blind = int64(5 * time.Second)
	// lasting is how long requests are shed before that is more than a peak.
	lasting = int64(30 * time.Second)
)

// Options make a Monitor. Zero fields mean the defaults.
type Options struct {
	Log     *slog.Logger
	Read    func(Limit) (Reading, error) // default: that of a [Machine]
	Now     func() int64                 // nanoseconds of a clock that never goes back; default: the process's
	Release func()                       // gives back memory that is only kept for later; default: two collections
	Collect func(n int64)                // holds Go's runtime to n bytes as far as that takes garbage; default: by its memory limit
}

// Settings are what a reload may change.
type Settings struct {
	Limit      Limit
	Thresholds Thresholds
}

// Monitor watches the memory and says how short it is. It lives as long as the
// process. A nil Monitor is always calm.
type Monitor struct {
	opt   Options
	level atomic.Int32
	shed  atomic.Int64 // since when requests are shed, 0 if they are not

	mu       sync.Mutex
	settings Settings
	ladder   ladder
	last     Reading
	failing  bool
	failed   int64 // since when reading fails, if it does
	released int64 // when memory was released last
	pause    int64 // until it may be again
	collect  int64 // what the runtime is held to, 0 for nothing of ours
}

// New makes a Monitor that watches nothing until Set.
func New(o Options) *Monitor {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Read == nil {
		o.Read = new(Machine).Read
	}
	if o.Now == nil {
		begin := time.Now()
		o.Now = func() int64 { return int64(time.Since(begin)) }
	}
	if o.Release == nil {
		o.Release = release
	}
	if o.Collect == nil {
		o.Collect = collectAt
	}
	return &Monitor{opt: o, settings: Settings{Limit: Off}}
}

// release collects twice: what a sync.Pool holds outlives one collection.
func release() {
	runtime.GC()
	debug.FreeOSMemory()
}

// Level is how short memory is. It costs an atomic load.
func (m *Monitor) Level() Level {
	if m == nil {
		return Calm
	}
	return Level(m.level.Load())
}

// Lasting says whether requests have been shed for so long without a break
// that no peak of theirs can be the cause: with every new one refused, the
// memory stays taken.
func (m *Monitor) Lasting() bool {
	since := m.shed.Load()
	return since != 0 && m.opt.Now()-since >= lasting
}

// Last is what was read last. A Limit of 0 is none.
func (m *Monitor) Last() Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// Set changes the settings. They hold from the next Sample on; Off at once.
func (m *Monitor) Set(s Settings) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings = s
	if s.Limit == Off {
		m.relax()
	}
}

// Run takes samples until ctx is over. Then nothing is short any more.
func (m *Monitor) Run(ctx context.Context) {
	defer m.Set(Settings{Limit: Off})
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		m.Sample()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Sample reads the memory once and settles the level.
func (m *Monitor) Sample() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.settings.Limit == Off {
		return
	}
	r, ok := m.read()
	// Nobody is refused anything for what a collection gives back.
	if ok && m.settings.Thresholds.at(r.share()) >= Shrink && m.due() {
		r, ok = m.release(r)
	}
	switch {
	case ok && r.Limit > 0:
		m.last = r
		m.guide(r)
		m.publish(m.ladder.step(m.opt.Now(), r.share(), &m.settings.Thresholds))
	case ok, m.opt.Now()-m.failed >= blind:
		m.relax()
	}
}

// read reads the memory, and tells when that begins to fail and when it ends.
func (m *Monitor) read() (Reading, bool) {
	r, err := m.opt.Read(m.settings.Limit)
	switch {
	case err != nil && !m.failing:
		m.failing, m.failed = true, m.opt.Now()
		m.opt.Log.Warn("reading how much memory is used; without it there is no overload protection", "err", err)
	case err == nil && m.failing:
		m.failing = false
		m.opt.Log.Info("how much memory is used can be read again")
	}
	return r, err == nil
}

// due says whether memory may be released again.
func (m *Monitor) due() bool { return m.pause == 0 || m.opt.Now()-m.released >= m.pause }

// release gives back what can be, and reads what is used then.
func (m *Monitor) release(before Reading) (Reading, bool) {
	m.opt.Release()
	m.released = m.opt.Now()
	after, ok := m.read()
	if float64(before.Used-after.Used) < worth*float64(before.Limit) {
		m.pause = min(max(2*m.pause, releaseEvery), releaseSeldom)
	} else {
		m.pause = releaseEvery
	}
	return after, ok
}

// guide holds the runtime to what keeps all of the memory between the first
// two steps. By itself it knows no cgroup, and lets garbage grow to the size of
// all that lives: a process would be refusing requests, or be killed, with half
// of its memory free to have. It is never held to less than a quarter of the
// limit, or it would do nothing but collect where others take the rest.
func (m *Monitor) guide(r Reading) {
	t := &m.settings.Thresholds
	limit := float64(r.Limit)
	n := int64(max((t[0]+t[1])/2*limit-float64(max(0, r.Used-r.Go)), limit/4))
	if math.Abs(float64(n-m.collect)) > worth*limit { // each change stops the world for a moment
		m.collect = n
		m.opt.Collect(n)
	}
}

// relax is for a limit that is none, or not known any more.
func (m *Monitor) relax() {
	m.ladder, m.last = ladder{}, Reading{}
	if m.collect != 0 {
		m.collect = 0
		m.opt.Collect(math.MaxInt64)
	}
	m.publish(Calm)
}

// publish makes level the current one, and tells the log of a change.
func (m *Monitor) publish(level Level) {
	before := Level(m.level.Swap(int32(level)))
	switch {
	case level < Shed:
		m.shed.Store(0)
	case before < Shed:
		m.shed.Store(max(m.opt.Now(), 1))
	}
	if level == before {
		return
	}
	log := m.opt.Log.Info
	if level > before {
		log = m.opt.Log.Warn
	}
	log("overload level changed", "from", before.String(), "to", level.String(),
		"used", m.last.Used, "limit", m.last.Limit, "limit_of", m.last.Of)
}
