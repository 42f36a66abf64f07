package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestHangup: SIGHUP takes up a changed configuration, and a wrong one
// changes nothing.
func TestHangup(t *testing.T) {
	one, two := hello(t, "one"), hello(t, "two")
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", gateway(one.Addr, atOnce))
	p := start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]
	// Without a change: nobody but SIGHUP asks for this.
	p.signal(syscall.SIGHUP)
	p.logged(`"msg":"reloaded"`)
	write(t, dir, "proxy.toml", gateway(two.Addr, atOnce))
	p.signal(syscall.SIGHUP)
	coretest.Eventually(t, "the new file is taken up", func() bool { return coretest.Get(t, at, "/").Body == "two" })
	write(t, dir, "proxy.toml", strings.Replace(gateway(one.Addr), "cluster =", "cluter =", 1))
	p.signal(syscall.SIGHUP)
	p.logged(`"level":"ERROR"`, "reload refused", "did you mean")
	if r := coretest.Get(t, at, "/"); r.Body != "two" {
		t.Errorf("after a bad file: %+v", r)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestAccessLogRotation moves the log away, as logrotate does.
func TestAccessLogRotation(t *testing.T) {
	up := hello(t, "up")
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", gateway(up.Addr, atOnce, "[log]\naccess = \"access.log\""))
	log := filepath.Join(dir, "access.log")
	p := start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]
	coretest.Get(t, at, "/before")
	coretest.Eventually(t, "the first line is there", func() bool { return len(lines(t, log)) == 1 })
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.logged(`"msg":"reloaded"`)
	coretest.Get(t, at, "/after")
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for file, path := range map[string]string{log + ".1": `"path":"/before"`, log: `"path":"/after"`} {
		if got := lines(t, file); len(got) != 1 || !strings.Contains(got[0], path) {
			t.Errorf("%s has %q, want one line with %s", filepath.Base(file), got, path)
		}
	}
	if info, err := os.Stat(log); err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("the log can be read by all: %v %v", info, err)
	}
}

// TestAccessLogCannotBeReopened: where no new log can be made, the old one
// goes on.
func TestAccessLogCannotBeReopened(t *testing.T) {
	up := hello(t, "up")
	dir := t.TempDir()
	folder := filepath.Join(dir, "logs")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := write(t, dir, "proxy.toml", gateway(up.Addr, atOnce, "[log]\naccess = \"logs/access.log\""))
	p := start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]
	if err := os.Rename(folder, folder+".1"); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.logged("opening access log", "no such file or directory")
	p.logged(`"msg":"reloaded"`)
	coretest.Get(t, at, "/")
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := lines(t, filepath.Join(folder+".1", "access.log")); len(got) != 1 {
		t.Errorf("the log has %q, want a line", got)
	}
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")[:strings.Count(string(b), "\n")]
}

// held is an upstream that answers when it is told to.
func held(t *testing.T) (up *coretest.Upstream, began chan bool, release func()) {
	began = make(chan bool, 16)
	end := make(chan bool)
	up = coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		began <- true
		<-end
		fmt.Fprint(w, "done")
	}))
	released := false
	release = func() {
		if !released {
			close(end)
		}
		released = true
	}
	t.Cleanup(release)
	return up, began, release
}

// TestDrain ends a process while a request is under way: readiness turns
// false, the request is answered, and the end is an orderly one.
func TestDrain(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			up, began, release := held(t)
			file := write(t, "", "proxy.toml", gateway(up.Addr, atOnce))
			p := start(t, "run", "-c", file)
			r := p.ready()
			c := coretest.Dial(t, r.Listen["gateway"][0])
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			<-began
			if got := status(r.Admin, "/readyz"); got != 200 {
				t.Errorf("before: /readyz is %d", got)
			}
			p.signal(s)
			coretest.Eventually(t, "readiness turns false", func() bool { return status(r.Admin, "/readyz") == 503 })
			if got := status(r.Admin, "/healthz"); got != 200 {
				t.Errorf("while it drains: /healthz is %d", got)
			}
			// A log's rotation must not end what is under way.
			p.signal(syscall.SIGHUP)
			release()
			if got := c.Read("GET"); got.Body != "done" || !got.Close {
				t.Errorf("%+v, want the answer with connection: close", got)
			}
			if code := p.wait(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			p.logged(`"msg":"drained"`)
		})
	}
}

// TestSecondSignal: whoever asks again does not want to wait.
func TestSecondSignal(t *testing.T) {
	up, began, _ := held(t)
	file := write(t, "", "proxy.toml", gateway(up.Addr, "[timeouts]\ndrain_delay = \"10m\"\ndrain = \"10m\""))
	p := start(t, "run", "-c", file)
	r := p.ready()
	at := r.Listen["gateway"][0]
	p.signal(syscall.SIGTERM)
	p.logged(`"msg":"draining"`)
	if got := status(r.Admin, "/readyz"); got != 503 {
		t.Errorf("while it drains: /readyz is %d", got)
	}
	// Until balancers have noticed, new connections are still served.
	c := coretest.Dial(t, at)
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code == 0 {
		t.Error("exit code 0, though a request was cut")
	}
	if got := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !got.Signaled() || got.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v", p.cmd.ProcessState)
	}
}

// TestNobodyReadsTheLog: requests go on when what collects the log has ended.
func TestNobodyReadsTheLog(t *testing.T) {
	up := hello(t, "up")
	file := write(t, "", "proxy.toml", gateway(up.Addr, atOnce, "[log]\naccess = \"stdout\""))
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	// The shell gives both outputs of the program to the pipe.
	p := setup{program: "sh", files: []*os.File{writer}}.start(t, "-c", `exec "$@" >&3 2>&3 3>&-`, "sh", built.weir, "run", "-c", file)
	_ = writer.Close()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the log: %v after %q", err, line)
	}
	var r ready
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	for range 3 {
		resp, err := http.Post("http://"+r.Admin+"/reload", "", nil) // which is logged before it is answered
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		_ = resp.Body.Close()
		if got := coretest.Get(t, r.Listen["gateway"][0], "/"); got.Body != "up" {
			t.Errorf("%+v", got)
		}
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("it ended with %v", p.cmd.ProcessState)
	}
}
