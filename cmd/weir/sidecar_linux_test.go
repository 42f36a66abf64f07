package main_test

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSidecarFirst: as a container's first process it passes signals on, collects what
// the application leaves behind, and ends as the application does.
func TestSidecarFirst(t *testing.T) {
	own := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
	try := exec.Command("true")
	try.SysProcAttr = own
	if err := try.Run(); err != nil {
		if forbidden(err.Error()) {
			t.Skipf("no namespace of processes may be made here: %v", err)
		}
		t.Fatalf("making a namespace of processes: %v", err)
	}
	p, dir := script(t, setup{attr: own}, `
mount --make-rprivate / && mount -t proc proc /proc
trap 'exit 7' TERM
(sh -c 'until [ "$(cut -d" " -f4 /proc/$$/stat)" = 1 ]; do sleep 0.02; done; echo $$ >$D/orphan.next; mv $D/orphan.next $D/orphan' &)
until [ -e $D/orphan ]; do sleep 0.02; done
while [ -e /proc/$(cat $D/orphan) ]; do sleep 0.02; done
cut -d" " -f2 /proc/1/stat >$D/first.next; mv $D/first.next $D/first
while :; do sleep 0.05; done`)
	if got := has(t, filepath.Join(dir, "first")); got != "(weir)" {
		t.Errorf("the first process is %s", got)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
}
