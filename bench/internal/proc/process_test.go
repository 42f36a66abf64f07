package proc

import (
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's own executable be the process under test.
func TestMain(m *testing.M) {
	switch os.Getenv("PROC_TEST") {
	case "parent": // with a child, and deaf to a polite end
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "PROC_TEST=spin")
		if child.Start() != nil {
			os.Exit(1)
		}
		ignore()
	case "spin":
		ignore()
	case "fail":
		_, _ = os.Stderr.WriteString("no such door\n")
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// ignore uses CPU and does not end when it is told to.
func ignore() {
	signal.Ignore(syscall.SIGTERM)
	for n := uint64(0); ; n++ {
		spun.Store(n)
	}
}

// spun keeps the loop from being optimised away.
var spun atomic.Uint64

func start(t *testing.T, role string) *Process {
	t.Helper()
	p, err := Start(Spec{Name: role, Path: os.Args[0], Env: []string{"PROC_TEST=" + role}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTreeIsMeasuredAndEnded starts a process whose child does the same, and
// sees the time of both and the end of both.
func TestTreeIsMeasuredAndEnded(t *testing.T) {
	p := start(t, "parent")
	var tree []int
	for deadline := time.Now().Add(20 * time.Second); len(tree) < 2; {
		if time.Now().After(deadline) {
			t.Fatal("the child did not appear")
		}
		tree = treeOf(p.PID)
	}
	before, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		after, err := p.CPU()
		if err != nil {
			t.Fatal(err)
		}
		used := after.Sub(before)
		if used.User+used.System >= 2*tick {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("two busy processes used only %+v", used)
		}
	}
	if n, err := p.Resident(); err != nil || n < 1<<20 {
		t.Errorf("two processes hold %d bytes, %v; want at least 1 MiB", n, err)
	}
	p.Stop(10 * time.Millisecond)
	for _, pid := range tree {
		for deadline := time.Now().Add(20 * time.Second); alive(pid); {
			if time.Now().After(deadline) {
				t.Fatalf("process %d outlived Stop", pid)
			}
		}
	}
}

// alive says whether a process runs; one that has ended and is not yet reaped
// by whoever inherited it does not.
func alive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(b), ") Z ") && syscall.Kill(pid, 0) == nil
}

func TestEndedTellsHowAndWhy(t *testing.T) {
	p := start(t, "fail")
	<-p.Done()
	got := p.Ended().Error()
	for _, want := range []string{`"fail"`, "exit status 3", "no such door"} {
		if !strings.Contains(got, want) {
			t.Errorf("error %q does not say %q", got, want)
		}
	}
	p.Stop(time.Second) // what has ended may be stopped
}

func TestStartOfWhatIsNotThere(t *testing.T) {
	if _, err := Start(Spec{Name: "ghost", Path: "/no/such/file", Dir: t.TempDir()}); err == nil {
		t.Error("starting a missing file gave no error")
	}
}
