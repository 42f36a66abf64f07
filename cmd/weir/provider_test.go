package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// provided is a gateway whose one cluster is told by the kit's example.
type provided struct {
	*process
	folder string // of the services' files
	ready  ready
}

func provide(t *testing.T, upstreams ...string) *provided {
	t.Helper()
	program := filepath.Join(t.TempDir(), "example")
	if out, err := exec.Command("go", "build", "-o", program, "../../core/provider/kit/example").CombinedOutput(); err != nil {
		t.Fatalf("building the example: %v\n%s", err, out)
	}
	p := &provided{folder: t.TempDir()}
	p.tell(t, upstreams...)
	toml := strings.Replace(gateway("", atOnce), `endpoints = [""]`, fmt.Sprintf(`discover = { provider = "folder", service = "orders" }
[providers.folder]
command = [%q]
config = { folder = %q }
call_timeout = "1s"
ping = "100ms"`, program, p.folder), 1)
	p.process = start(t, "run", "-c", write(t, "", "proxy.toml", toml))
	p.ready = p.process.ready()
	return p
}

// tell says which endpoints the service has.
func (p *provided) tell(t *testing.T, upstreams ...string) {
	var text strings.Builder
	for _, u := range upstreams {
		fmt.Fprintf(&text, "%s 1\n", u)
	}
	write(t, p.folder, "orders", text.String())
}

// get is the body of an answer, or what was wrong.
func (p *provided) get() string {
	r, err := http.Get("http://" + p.ready.Listen["gateway"][0] + "/")
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return fmt.Sprint(r.Status, err)
	}
	return string(body)
}

type providerView struct {
	State    string
	PID      string
	Starts   int
	Services []struct {
		Endpoints int
		Stale     *string
	}
}

func (p *provided) view() providerView { return viewProvider(p.t, p.ready.Admin) }

// viewProvider is what the admin's door tells of the only provider.
func viewProvider(t *testing.T, admin string) (v providerView) {
	t.Helper()
	r, err := http.Get("http://" + admin + "/providers")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var all []providerView
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil || len(all) != 1 {
		t.Fatalf("%d providers, %v", len(all), err)
	}
	return all[0]
}

func (p *provided) pid() int { return pidOfProvider(p.t, p.ready.Admin) }

func pidOfProvider(t *testing.T, admin string) (pid int) {
	t.Helper()
	coretest.Eventually(t, "the provider runs", func() bool {
		pid, _ = strconv.Atoi(viewProvider(t, admin).PID)
		return pid != 0
	})
	return pid
}

func says(t *testing.T, text string) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
}

// TestProvider: endpoints that a provider tells are taken up, and no request is
// lost while it is killed and frozen.
func TestProvider(t *testing.T) {
	a, b := says(t, "a"), says(t, "b")
	p := provide(t, a.Addr)
	if got := p.get(); got != "a" {
		t.Fatalf("got %q", got)
	}
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if got := p.get(); got != "a" && got != "b" {
				t.Errorf("a request got %q", got)
				return
			}
		}
	})
	for _, s := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		before := p.view()
		if err := syscall.Kill(p.pid(), s); err != nil {
			t.Fatal(err)
		}
		coretest.Eventually(t, "another process runs", func() bool { v := p.view(); return v.State == "running" && v.Starts > before.Starts })
	}
	p.tell(t, b.Addr)
	coretest.Eventually(t, "the new endpoint is used", func() bool { return p.get() == "b" })
	close(stop)
	load.Wait()
	coretest.Eventually(t, "it is vouched for", func() bool { v := p.view(); return v.Services[0].Stale == nil && v.Services[0].Endpoints == 1 })

	pid := p.pid()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("ended with %d", code)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Error("the provider is still there")
	}
}

// TestNoOrphan: a provider ends with the host, also when it is frozen and the host
// cannot do anything for it any more.
func TestNoOrphan(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		p := provide(t, says(t, "a").Addr)
		pid := p.pid()
		if frozen {
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
		p.signal(syscall.SIGKILL)
		coretest.Eventually(t, "the provider is gone", func() bool { return died(pid) })
	}
}

// died says whether a process that is not our child has ended; nobody may have
// reaped it.
func died(pid int) bool {
	out, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	state := strings.TrimSpace(string(out))
	return state == "" || strings.HasPrefix(state, "Z")
}

// TestProviderMissing: a program that is not there, or another one than was
// named, is found before anything runs.
func TestProviderMissing(t *testing.T) {
	for _, c := range []struct{ table, want string }{
		{`command = ["./none"]`, "providers.p.command: finding the provider's program"},
		{"command = [\"ls\"]\nsha256 = \"" + strings.Repeat("0", 64) + "\"", "not the one that sha256 names"},
	} {
		toml := strings.Replace(gateway(""), `endpoints = [""]`, "discover = { provider = \"p\", service = \"s\" }\n[providers.p]\n"+c.table, 1)
		for _, command := range []string{"run", "check"} {
			args := []string{command, write(t, "", "proxy.toml", toml)}
			if command == "run" {
				args = []string{"run", "-c", args[1]}
			}
			p := start(t, args...)
			if code := p.wait(); code == 0 || !strings.Contains(p.log.String()+p.out.String(), c.want) {
				t.Errorf("%s ended with %d, want %q:\n%s%s", command, code, c.want, &p.log, &p.out)
			}
		}
	}
}
