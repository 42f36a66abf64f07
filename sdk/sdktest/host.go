package sdktest

import (
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Options say what the filter meets. The zero value is fine.
type Options struct {
	Config   string // the filter's configuration, JSON
	VMConfig string
	Start    time.Time // of the clock; 2026-01-01 if zero
	// Calls are the clusters that the filter may call.
	Calls []string
	// Properties are facts of every stream, by dotted path:
	// "source.address", "route_name". Integers go through [Int].
	Properties map[string]string
	// Functions are foreign functions beside Weir's own.
	Functions map[string]func(args []byte) ([]byte, error)
	// Elsewhere takes away what only Weir has.
	Elsewhere bool
	// Without takes away single functions of Weir's, as of an older one:
	// "weir.edits".
	Without []string
	// HeadWaits has a pause at a head hold the head alone, while the filter sees the
	// body: on_pause = "stop_iteration".
	HeadWaits bool
	// Lane is the instance's number.
	Lane int
	// Store is shared with another host: two lanes of one VM, or one before
	// and one after a reload. Nil makes a new one.
	Store *Store
}

// Host is one instance of the module with one configured filter.
type Host struct {
	t      testing.TB
	o      Options
	rootID string
	guest  abi.Guest
	store  *Store

	now    int64
	tick   time.Duration
	due    int64
	phases uint32

	errands    []errand
	naps       []nap
	lastErrand uint32
	errand     []byte // the answer that is being delivered

	retry []byte // policy of every stream

	edits     []editGroup
	editBytes int
	traces    bool // weir.trace was called

	effective  *Stream // whom host calls act on; nil: the root
	phase      phase
	arena      arena
	calls      []*Call
	call       *Call // whose answer is being delivered
	lastCall   uint32
	rpcs       []*RPC
	rpc        *RPC // what comes of it is being delivered
	lastRPC    uint32
	args       args   // of a foreign function
	result     []byte // of a host call, its memory used again
	logs       []string
	streams    []*Stream // that have not finished
	generation uint32
}

// root is the id of the root context.
const root = 1

// running guards the one host that the SDK's calls reach.
var running sync.Mutex

// New makes a host with the filter of a root id and a configuration, and fails
// the test if the filter refuses it.
func New(t testing.TB, rootID, config string) *Host {
	t.Helper()
	h, ok := Start(t, rootID, Options{Config: config})
	if !ok {
		t.Fatalf("configuring filter %q was refused; its log: %q", rootID, h.Logs())
	}
	return h
}

// Start makes a host with the filter of a root id. It says whether the filter
// took its configuration; if not, Logs has the reason.
func Start(t testing.TB, rootID string, o Options) (h *Host, configured bool) {
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if o.Store == nil {
		o.Store = NewStore()
	}
	h = &Host{t: t, o: o, rootID: rootID, guest: abi.NewGuest(), store: o.Store, now: o.Start.UnixNano(), phases: allPhases}
	h.callback(nil, idle, func() { h.guest.OnContextCreate(root, 0) })
	started := false
	h.callback(nil, starting, func() { started = h.guest.OnVMStart(root, uint32(len(o.VMConfig))) })
	if !started {
		return h, false
	}
	h.callback(nil, configuring, func() { configured = h.guest.OnConfigure(root, uint32(len(o.Config))) })
	h.bringErrands()
	return h, configured
}

// callback runs one callback: host calls act on s, or on the root.
func (h *Host) callback(s *Stream, p phase, do func()) {
	running.Lock()
	defer func() {
		abi.Current = nil
		h.effective, h.phase = nil, idle
		h.arena.spoil()
		running.Unlock()
	}()
	abi.Current = h
	h.effective, h.phase = s, p
	do()
}

// Advance moves the clock on, and calls the filter's tick as often as it is
// due on the way.
func (h *Host) Advance(d time.Duration) {
	defer h.bringErrands()
	end := h.now + int64(d)
	for h.tick > 0 && h.due <= end {
		h.now = h.due
		h.due += int64(h.tick)
		h.callback(nil, idle, func() { h.guest.OnTick(root) })
		h.settle()
	}
	h.now = end
	h.wake()
}

// Time is the clock.
func (h *Host) Time() time.Time { return time.Unix(0, h.now) }

// Logs are the lines that the filter wrote, each with its level in front:
// "warn: the key is not known".
func (h *Host) Logs() []string { return h.logs }

// Phases is what the filter declared to take part in, as the bits 0 to 6 of
// weir.phases.
func (h *Host) Phases() uint32 { return h.phases & (1<<7 - 1) }

// Stateless says whether the filter declared that its streams need no context,
// bit 7. This host makes contexts nevertheless.
func (h *Host) Stateless() bool { return h.phases>>7&1 == 1 }

// Close ends the root context, as a reload does with the old configuration.
func (h *Host) Close() {
	h.callback(nil, idle, func() { h.guest.OnDone(root) })
	h.callback(nil, idle, func() { h.guest.OnDelete(root) })
}

// settle acts on what a callback noted for streams that wait.
func (h *Host) settle() {
	for i := 0; i < len(h.streams); i++ {
		h.streams[i].settle()
	}
	h.store.deliver()
}

// Now, SetTick, Log and LogLevel are the ABI's.
func (h *Host) Now() int64 { return h.now }

// SetTick arms the timer.
func (h *Host) SetTick(milliseconds uint32) abi.Status {
	h.tick = time.Duration(milliseconds) * time.Millisecond
	h.due = h.now + int64(h.tick)
	return abi.OK
}

var levels = [...]string{"trace: ", "debug: ", "info: ", "warn: ", "error: ", "critical: "}

// Log keeps the line.
func (h *Host) Log(level uint32, text string) abi.Status {
	if level >= uint32(len(levels)) {
		return abi.BadArgument
	}
	h.logs = append(h.logs, levels[level]+text)
	return abi.OK
}

// LogLevel is trace: a test sees all.
func (h *Host) LogLevel() (uint32, abi.Status) { return 0, abi.OK }

// Host is all that the ABI has.
var _ abi.Host = (*Host)(nil)
