package listener_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// exhaust takes every file descriptor that the process may still open, and
// answers a way to give n of them back.
func exhaust(t *testing.T) (give func(n int)) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	low := before
	low.Cur = min(before.Cur, 256)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	var taken []int
	give = func(n int) {
		for ; n > 0 && len(taken) > 0; n-- {
			_ = syscall.Close(taken[0])
			taken = taken[1:]
		}
	}
	t.Cleanup(func() {
		give(len(taken))
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	})
	for {
		fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err == syscall.EMFILE {
			return give
		}
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, fd)
	}
}

// TestOutOfDescriptors: a process that can open no more files loses no
// listener. An idle connection makes room; where none is, it waits and tries
// again.
func TestOutOfDescriptors(t *testing.T) {
	r := open(t, nil).serve()
	idle := coretest.Dial(t, r.at)
	ask(idle)
	coretest.Eventually(t, "it is open", func() bool { return r.Stats().Open == 1 })
	r.idle()
	give := exhaust(t)
	give(1) // for the client's side
	first := r.begin()
	if !idle.Closed() {
		t.Error("the idle connection was answered something")
	}
	if got := finish(first); got.Status != 404 {
		t.Errorf("%+v", got)
	}
	s := r.Stats()
	if s.Failures == 0 || s.Evicted != 1 {
		t.Errorf("%+v, want failures and an eviction", s)
	}
	// Now nobody is idle.
	first.Send(request[:5])
	give(1)
	second := r.begin()
	coretest.Eventually(t, "it tries again, later each time", func() bool {
		return r.log.Has("level=WARN", "accepting a connection", "too many open files", "again_in=20ms")
	})
	give(4)
	if got := finish(second); got.Status != 404 {
		t.Errorf("%+v", got)
	}
}
