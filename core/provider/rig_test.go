package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/provider"
)

// options are those of a test: what it does not say makes a provider that waits
// long and is asked often whether it lives.
type options struct {
	Command []string // default: this test's program, which is a rogue then
	Env     map[string]string
	Config  string
	SHA256  string
	Start   time.Duration
	Call    time.Duration
}

// rig is a provider that runs.
type rig struct {
	*provider.Provider
	t   *testing.T
	log *log
}

type log struct{ coretest.Log }

func (l *log) wait(t *testing.T, words ...string) {
	t.Helper()
	coretest.Eventually(t, fmt.Sprintf("a log line with %q", words), func() bool { return l.Has(words...) })
}

func begin(t *testing.T, o options) *rig {
	t.Helper()
	if o.Command == nil {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		o.Command = []string{self}
	}
	r := &rig{t: t, log: new(log)}
	r.Provider = provider.New(provider.Options{
		Name: "test", Command: o.Command, SHA256: o.SHA256, Env: o.Env, Config: []byte(o.Config),
		Start: cmp.Or(o.Start, coretest.Patience), Call: cmp.Or(o.Call, coretest.Patience), Ping: 20 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	t.Cleanup(func() {
		r.Close()
		if t.Failed() {
			t.Logf("the log:\n%s", r.log)
		}
	})
	return r
}

func (r *rig) eventually(what string, cond func() bool) {
	r.t.Helper()
	coretest.Eventually(r.t, what, cond)
}

// service is what is known of one.
func (r *rig) service(name string) provider.Service {
	for _, s := range r.Stats().Services {
		if s.Name == name {
			return s
		}
	}
	return provider.Service{}
}

// pid is the running process's, another one than before.
func (r *rig) pid(before int) int {
	r.t.Helper()
	var pid int
	r.eventually("a process runs", func() bool {
		pid, _ = strconv.Atoi(r.Stats().PID)
		return pid != 0 && pid != before
	})
	return pid
}

// watch is somebody who watches a service.
type watch struct {
	r      *rig
	cancel context.CancelFunc

	mu    sync.Mutex
	calls int
	last  []discovery.Endpoint
}

func (r *rig) watch(service string) *watch {
	r.t.Helper()
	w := &watch{r: r}
	var ctx context.Context
	ctx, w.cancel = context.WithCancel(context.Background())
	r.t.Cleanup(w.cancel)
	err := r.Watch(ctx, service, func(list []discovery.Endpoint) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls++
		w.last = list
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return w
}

func (w *watch) told() (calls int, list []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.last {
		list = append(list, fmt.Sprintf("%s %d", e.Addr, e.Weight))
	}
	return w.calls, list
}

// expect waits until these endpoints were told last.
func (w *watch) expect(want ...string) {
	w.r.t.Helper()
	w.r.eventually(fmt.Sprintf("the endpoints are %q", want), func() bool {
		calls, list := w.told()
		return calls > 0 && slices.Equal(list, want)
	})
}

// write makes a file in one step.
func write(t *testing.T, path, text string) {
	t.Helper()
	next := path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}
