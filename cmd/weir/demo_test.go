package main_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// outcomes are what the guide's commands must show, by words of what it says
// of them.
var outcomes = []struct{ of, want string }{
	{"what the service sees", `(?s)^HTTP/1.1 200 OK.*\nx-request-id: (\S+)\n.*"X-Request-Id": \[\s*"(\S+)"`},
	{"over HTTP/2", `(?s)^HTTP/2(?:\.0)? 200.*\nx-request-id: (\S+)\n.*"X-Request-Id": \[\s*"(\S+)"`},
	{"no API key", `(?s)^HTTP/1.1 401 Unauthorized\n.*this needs an API key\n$`},
	{"with one", `(?s)^HTTP/1.1 200 OK\n.*"X-Consumer": \[\s*"demo"`},
	{"ten requests a minute", `^(200 ){10}(200 )*429 (200 |429 )*\n$`},
	{"a stream of events", `^(data: event \d of 5\n\n){5}$`},
	{"an upload of 100 MB", `^100000000 bytes arrived\n$`},
	{"stays as it is", `(?s)^HTTP/1.1 503 Service Unavailable\n.*\n\nService Unavailable\n$`},
	{"what each filter has used", `(?s)"apikey".*"headers".*"limit".*"requestid".*"small-limit"`},
	{"metrics", `(?m)^weir_route_requests_total\{route="private",status="4xx"\} 1$`},
}

// TestDemo runs what the guide of "weir demo" says to try, line by line, with
// the repository's proxy.toml: with curl, and with a stand-in, for machines
// without it.
func TestDemo(t *testing.T) {
	for name, path := range map[string]string{"curl": "", "stand-in": standIn(t)} {
		if name == "curl" {
			if _, err := exec.LookPath("curl"); err != nil {
				t.Log("no curl here: the stand-in alone")
				continue
			}
		}
		t.Run(name, func(t *testing.T) {
			guide := demo(t, "[admin]\nlisten = \"127.0.0.1:0\"")
			if len(guide) != len(outcomes) {
				t.Errorf("the guide has %d commands, %d are looked at", len(guide), len(outcomes))
			}
			for i, step := range guide {
				if !strings.Contains(step.shows, outcomes[i].of) {
					t.Fatalf("command %d shows %q, want %q", i, step.shows, outcomes[i].of)
				}
				try(t, path, step, outcomes[i].want)
			}
		})
	}
}

// TestDemoBesideAService: the guide fits what was started.
func TestDemoBesideAService(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "admin.sock")
	guide := demo(t, fmt.Sprintf("[admin]\nlisten = %q", "unix:"+socket), "--role", "sidecar")
	if len(guide) != 4 {
		t.Fatalf("%q", guide)
	}
	curl := standIn(t)
	try(t, curl, guide[0], `(?s)^HTTP/1.1 200 OK\n.*"host": \[\s*"demo"`)
	try(t, curl, guide[1], `^HTTP/1.1 404 Not Found\n`)
	through := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	if r, err := through.Get("http://weir/filters"); err != nil || r.StatusCode != 200 {
		t.Errorf("by the socket: %v %v", r, err)
	} else {
		_ = r.Body.Close()
	}
	if want := "curl -s --unix-socket '" + socket + "' http://weir/filters"; guide[2].command != want {
		t.Errorf("%q, want %q", guide[2].command, want)
	}
}

func TestDemoServiceRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := start(t, "demo", "-c", "testdata/check/good.toml", "--service", taken.Addr().String())
	if code := p.wait(); code != 1 || !p.log.Has("weir: starting the demo service", "--service chooses another address") {
		t.Errorf("exit code %d", code)
	}
}

// standIn is a folder with a program that can stand in for curl.
func standIn(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if text, err := exec.Command("go", "build", "-o", folder, "./testdata/curl").CombinedOutput(); err != nil {
		t.Fatalf("building the stand-in for curl: %v\n%s", err, text)
	}
	return folder
}

// step is a command of the guide and what it says of it.
type step struct{ shows, command string }

// demo starts a demo with the repository's configuration, its addresses made
// free ones, and gives its guide.
func demo(t *testing.T, admin string, args ...string) []step {
	t.Helper()
	text, err := os.ReadFile("../../proxy.toml")
	if err != nil {
		t.Fatal(err)
	}
	service := coretest.Refusing(t)
	toml := string(text)
	for _, change := range [][2]string{
		{`listen = ["127.0.0.1:8080"]`, `listen = ["127.0.0.1:0"]`},
		{`endpoints = ["127.0.0.1:9000"]`, fmt.Sprintf("endpoints = [%q]", service)},
		{`#inbound = ":15006"`, `inbound = "127.0.0.1:0"`},
		{`#outbound = "127.0.0.1:15001"`, `outbound = "127.0.0.1:0"`},
		{`#drain_delay = "5s"`, `drain_delay = "0s"`},
		{"listen = \"127.0.0.1:9901\"", strings.TrimPrefix(admin, "[admin]\n")},
	} {
		if strings.Count(toml, change[0]) != 1 {
			t.Fatalf("proxy.toml has %q not once", change[0])
		}
		toml = strings.Replace(toml, change[0], change[1], 1)
	}
	p := start(t, append([]string{"demo", "-c", write(t, "", "proxy.toml", toml), "--service", service}, args...)...)
	p.ready()
	return guideOf(t, p)
}

// guideOf is what a demo says to try. It ends with the test.
func guideOf(t *testing.T, p *process) []step {
	t.Helper()
	eventuallyWithin(t, compiling, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") || p.ended() })
	t.Cleanup(func() {
		p.signal(syscall.SIGINT)
		if code := p.wait(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
	var guide []step
	for _, m := range regexp.MustCompile(`(?m)^  # (.*)\n  (.*)$`).FindAllStringSubmatch(p.out.String(), -1) {
		guide = append(guide, step{m[1], m[2]})
	}
	return guide
}

// try does what the guide says, with curl from path if that is not empty.
func try(t *testing.T, path string, s step, want string) {
	t.Helper()
	c := exec.Command("sh", "-c", s.command)
	c.Env = os.Environ()
	if path != "" {
		c.Env = append(c.Env, "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	b, err := c.Output()
	if err != nil {
		t.Errorf("%s: %v", s.command, err)
	}
	got := strings.ReplaceAll(string(b), "\r\n", "\n")
	m := regexp.MustCompile(want).FindStringSubmatch(got)
	if m == nil {
		t.Errorf("%s (%s) shows %.2000q, want %s", s.command, s.shows, got, want)
		return
	}
	if strings.Contains(want, "x-request-id") && m[1] != m[2] {
		t.Errorf("%s: the client got the id %s, the service %s", s.command, m[1], m[2])
	}
}
