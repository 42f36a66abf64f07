package main_test

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

func hello(t *testing.T, text string) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
}

// TestRunRefuses starts with what cannot be served: it ends with 1 and says
// what is wrong, and where.
func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().String()
	good := gateway("127.0.0.1:1")
	for _, c := range []struct {
		name, text string
		says       []string
	}{
		{"no file", "", []string{"weir: ", "absent.toml", "no such file"}},
		{"a bad file", strings.Replace(good, "cluster =", "cluter =", 1), []string{"proxy.toml:8:", `did you mean "cluster"?`}},
		{"a taken port", strings.Replace(good, "127.0.0.1:0", at, 1), []string{"weir: ", "proxy.toml:3: gateway.listen[0]: listening on", at, "address already in use", "choose another address"}},
		{"a taken admin port", strings.Replace(good, "[admin]\nlisten = \"127.0.0.1:0\"", "[admin]\nlisten = \""+at+"\"", 1),
			[]string{"weir: ", "admin.listen: opening the admin listener", "choose another address", at, "address already in use"}},
		{"no place for the access log", good + "[log]\naccess = \"missing/access.log\"\n", []string{"weir: ", "proxy.toml:13: log.access", "missing/access.log", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := "absent.toml"
			if c.text != "" {
				file = write(t, "", "proxy.toml", c.text)
			}
			p := start(t, "run", "-c", file)
			if code := p.wait(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if !p.log.Has(c.says...) {
				t.Errorf("does not say %q", c.says)
			}
		})
	}
}

// TestRole: the command line stands above the environment, that above the file.
func TestRole(t *testing.T) {
	const sidecar = `
[sidecar]
app = "127.0.0.1:1"
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
`
	file := write(t, "", "proxy.toml", "role = \"gateway\"\n"+gateway("127.0.0.1:1", atOnce, sidecar))
	for _, c := range []struct {
		name  string
		env   []string
		args  []string
		role  string
		sides []string
	}{
		{"by the file", nil, nil, "gateway", []string{"gateway"}},
		{"by the environment", []string{"WEIR_ROLE=sidecar"}, nil, "sidecar", []string{"inbound", "outbound"}},
		{"by the command line", nil, []string{"--role", "gateway+sidecar"}, "gateway+sidecar", []string{"gateway", "inbound", "outbound"}},
		{"by both", []string{"WEIR_ROLE=sidecar"}, []string{"--role", "gateway"}, "gateway", []string{"gateway"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := setup{env: c.env}.start(t, append([]string{"run", "-c", file}, c.args...)...)
			r := p.ready()
			if sides := slices.Sorted(maps.Keys(r.Listen)); r.Role != c.role || !slices.Equal(sides, c.sides) {
				t.Errorf("role %q with %q, want %q with %q", r.Role, sides, c.role, c.sides)
			}
		})
	}
	p := setup{env: []string{"WEIR_ROLE=sidcar"}}.start(t, "run", "-c", file)
	if code := p.wait(); code != 1 || !p.log.Has("sidcar", "WEIR_ROLE", "sidecar") {
		t.Errorf("an unknown role: exit code %d", code)
	}
}

// TestInheritedSockets: whoever starts us may open the sockets for us.
func TestInheritedSockets(t *testing.T) {
	up := hello(t, "up")
	given, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer given.Close()
	socket, err := given.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	at := given.Addr().String()
	toml := gateway(up.Addr, atOnce)
	file := write(t, "", "proxy.toml", strings.Replace(toml, `["127.0.0.1:0"]`, fmt.Sprintf("[%q, \"127.0.0.1:0\"]", at), 1))
	// Its own process id is what a process is told as LISTEN_PID.
	shell := func(fds string) *process {
		return setup{program: "sh", files: []*os.File{socket}}.start(t, "-c", `LISTEN_FDS=`+fds+` LISTEN_PID=$$ exec "$@"`, "sh", built.weir, "run", "-c", file)
	}
	p := shell("1")
	r := p.ready()
	if len(r.Listen["gateway"]) != 2 || r.Listen["gateway"][0] != at {
		t.Fatalf("listens on %q, want %q and another", r.Listen, at)
	}
	for _, addr := range r.Listen["gateway"] {
		if got := coretest.Get(t, addr, "/"); got.Body != "up" {
			t.Errorf("%s: %+v", addr, got)
		}
	}
	// Who gave us the socket keeps the port: it must be there again after a
	// reload that did without it.
	for _, with := range []bool{false, true} {
		text := toml
		if with {
			text = strings.Replace(toml, `["127.0.0.1:0"]`, fmt.Sprintf("[%q]", at), 1)
		}
		write(t, filepath.Dir(file), "proxy.toml", text)
		resp, err := http.Post("http://"+r.Admin+"/reload", "", nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		_ = resp.Body.Close()
	}
	if got := coretest.Get(t, at, "/"); got.Body != "up" {
		t.Errorf("after reloads: %+v", got)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for fds, says := range map[string]string{"two": "LISTEN_FDS", "9": "inherited socket"} {
		p := shell(fds)
		if code := p.wait(); code != 1 || !p.log.Has("weir: ", says) {
			t.Errorf("LISTEN_FDS=%s: exit code %d", fds, code)
		}
	}
}
