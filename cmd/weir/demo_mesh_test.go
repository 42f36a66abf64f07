package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// meshOutcomes are what the commands of the mesh's guide must show, by words of what
// it says of them.
var meshOutcomes = []struct{ of, want string }{
	{"mutual TLS", `(?s)^\{\n  "service": "shop",.*"X-Peer": \[\s*"spiffe://example.org/gateway"\s*\]`},
	{"who shows none", `(?s)^HTTP/1.1 400 Bad Request\n.*the request came without TLS`},
	{"allowed", `(?s)^\{\n  "peer": "spiffe://example.org/gateway",\n  "service": "shop",\n  "status of stock": 200,\n  "stock": \{\n    "apples": 3,\n    "peer": "spiffe://example.org/shop",`},
	{"denied", `(?s)^HTTP/1.1 403 Forbidden\n.*\n\nnot allowed\n$`},
	{"a retry", `(?s)^HTTP/1.1 200 OK\n.*\ncall 2 to the shop: each odd one is answered 503\n$`},
	{"a split", `^ *(\d+) v1\n *(\d+) v2\n$`},
	{"all that ask for it", `^v2\n$`},
	{"a trace", `^gateway: GET shop, \S+\n(  gateway: filter .*\n)*  gateway: GET shop, \S+\n` +
		`    shop: GET to-app, \S+\n(      shop: filter .*\n)*      shop: GET app, \S+\n` +
		`        shop: GET ask-stock, \S+\n(          shop: filter .*\n)*          shop: GET stock, \S+\n` +
		`            stock: GET stock-guarded, \S+\n(              stock: filter .*\n)*              stock: GET app, \S+\n$`},
	{"a rate limit", `^(200 ){10}(200 )*429 (200 |429 )*\n$`},
	{"handshakes", `(?m)^weir_tls_handshakes_total\{listener="inbound",resumed="no"\} [1-9]`},
}

// demoMesh is the command, with a free port for the gateway.
var demoMesh = []string{"demo", "--mesh", "-c", "../../proxy.toml", "--set", `gateway.listen = ["127.0.0.1:0"]`}

// TestDemoMesh runs what the guide of "weir demo --mesh" says to try, with the
// repository's proxy.toml.
func TestDemoMesh(t *testing.T) {
	path := ""
	if _, err := exec.LookPath("curl"); err != nil {
		path = standIn(t)
	}
	p := start(t, demoMesh...)
	guide := guideOf(t, p)
	if len(guide) != len(meshOutcomes) {
		t.Fatalf("the guide has %d commands, %d are looked at; standard output is\n%s", len(guide), len(meshOutcomes), &p.out)
	}
	for i, step := range guide {
		if !strings.Contains(step.shows, meshOutcomes[i].of) {
			t.Fatalf("command %d shows %q, want %q", i, step.shows, meshOutcomes[i].of)
		}
		try(t, path, step, meshOutcomes[i].want)
	}
}

// TestProxyTOMLInEveryRole: one file for all.
func TestProxyTOMLInEveryRole(t *testing.T) {
	for _, role := range []string{"gateway", "sidecar", "gateway+sidecar"} {
		p := start(t, "check", "--role", role, "../../proxy.toml")
		if code := p.waitFor(compiling); code != 0 || p.out.String() != "../../proxy.toml: good\n" {
			t.Errorf("%s: exit code %d, %s", role, code, &p.out)
		}
	}
}

// TestDemoMeshEndsWhole: when one proxy of the mesh dies the rest ends too, and says
// which it was; nothing stays behind.
func TestDemoMeshEndsWhole(t *testing.T) {
	tmp := t.TempDir()
	p := setup{env: []string{"TMPDIR=" + tmp}}.start(t, demoMesh...)
	eventuallyWithin(t, compiling, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") || p.ended() })
	children := childrenOf(t, p.cmd.Process.Pid)
	if len(children) != 3 {
		t.Fatalf("the mesh has the processes %v", children)
	}
	if err := syscall.Kill(children[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := p.waitFor(compiling); code != 1 || !p.log.Has("weir: the stock ended: signal: killed") {
		t.Errorf("exit code %d", code)
	}
	for _, pid := range children {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is still there", pid)
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestDemoMeshOfAWrongFile(t *testing.T) {
	p := start(t, "demo", "--mesh", "-c", write(t, "", "proxy.toml", "rolle = \"gateway\"\n"))
	if code := p.wait(); code != 1 || !p.log.Has("stock: ", "rolle: unknown key") {
		t.Errorf("exit code %d", code)
	}
}

// childrenOf are the processes that a process has started, the oldest first.
func childrenOf(t *testing.T, pid int) (pids []int) {
	t.Helper()
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(pid), "--sort", "start_time,pid").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range regexp.MustCompile(`\d+`).FindAllString(string(out), -1) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, n)
	}
	return pids
}
