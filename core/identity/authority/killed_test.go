package authority_test

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

// TestKilled: whenever a process is killed that changes an authority, what it leaves can
// be read, has one root that signs, and can be changed further.
func TestKilled(t *testing.T) {
	const folder = "WEIR_TEST_AUTHORITY"
	if dir := os.Getenv(folder); dir != "" {
		change(t, dir)
		return
	}
	_, dir := create(t, time.Now())
	for range 15 {
		c := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		c.Env = append(os.Environ(), folder+"="+dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		steps := bufio.NewScanner(out) // it is killed somewhere in what follows a step
		for range 1 + rand.IntN(6) {
			steps.Scan()
		}
		for range rand.IntN(2000) {
			_ = rand.Int()
		}
		_ = c.Process.Kill()
		_ = c.Wait()

		a, err := authority.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		pins, err := a.Pins()
		if err != nil || len(pins) == 0 || len(pins) > 2 {
			t.Fatalf("%q, %v", pins, err)
		}
		if _, err := a.Revoked(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Issue(web, 0, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	begun, _ := filepath.Glob(filepath.Join(dir, "*", "unfinished-*"))
	inFolder, _ := filepath.Glob(filepath.Join(dir, "unfinished-*"))
	t.Logf("%d times a file was being written", len(begun)+len(inFolder))
}

// change changes an authority again and again, in all ways, and says each step.
func change(t *testing.T, dir string) {
	a, err := authority.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for {
		for _, step := range []authority.Step{authority.Begin, authority.Switch, authority.End} {
			_ = a.Rotate(step, true, time.Now()) // the one before was killed between two of them
			said()
			if _, err := a.Token(web, time.Hour, time.Now()); err != nil {
				t.Fatal(err)
			}
			said()
			if _, err := a.Revoke(web, "", time.Now()); err != nil {
				t.Fatal(err)
			}
			said()
		}
	}
}

// said says that a step was done.
func said() { _, _ = os.Stdout.WriteString("step\n") }
