package coretest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
)

// Running is a proxy that serves.
type Running struct {
	*server.Server
	Side
	stop context.CancelFunc
	done chan error
}

// Options are what a test may want beside a configuration.
type Options struct {
	Builtins server.Builtins // default: none
	Role     string
	Log      io.Writer // also gets the log; default: nobody does
	Early    bool      // it is not waited for until it is ready
}

// Proxy runs a proxy by a configuration until the test ends, or Stop.
func Proxy(t testing.TB, toml string) *Running { return ProxyWith(t, toml, Options{}) }

// ProxyWith is Proxy with options.
func ProxyWith(t testing.TB, toml string, o Options) *Running {
	t.Helper()
	r, err := Start(t, toml, o)
	if err != nil {
		t.Fatalf("starting a proxy: %v\nconfiguration:\n%s", err, toml)
	}
	return r
}

// Start is ProxyWith for a test that expects an error.
func Start(t testing.TB, toml string, o Options) (*Running, error) {
	t.Helper()
	r := &Running{Side: Side{File: filepath.Join(t.TempDir(), "proxy.toml"), Log: new(Log), t: t}, done: make(chan error, 1)}
	r.admin = func() string { return r.AdminAddr() }
	r.Write(toml)
	if o.Builtins == nil {
		o.Builtins = noBuiltins{}
	}
	log := io.Writer(r.Log)
	if o.Log != nil {
		log = io.MultiWriter(log, o.Log)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := server.New(ctx, server.Options{
		File: r.File, Builtins: o.Builtins, Version: "test", Stderr: log,
		Overrides: config.Overrides{Role: config.Role(o.Role), LookupEnv: noEnv},
	})
	if err != nil {
		stop()
		return nil, err
	}
	r.Server, r.stop = s, stop
	go func() { r.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Errorf("ending the proxy: %v", err)
		}
		if t.Failed() {
			t.Logf("the proxy's log:\n%s", r.Log)
		}
	})
	Eventually(t, "the proxy is ready", func() bool { return o.Early || r.AdminAddr() == "" || r.Admin("GET", "/readyz").Status == 200 })
	return r, nil
}

func noEnv(string) (string, bool) { return "", false }

// Stop lets the proxy drain, and answers what Run did. It may be called twice.
func (r *Running) Stop() error {
	r.stop()
	err := <-r.done
	r.done <- err
	return err
}

// Addr is the first address of a side.
func (r *Running) Addr(side string) string {
	r.t.Helper()
	addrs := r.Addrs()[side]
	if len(addrs) == 0 {
		r.t.Fatalf("the proxy has no %s listener", side)
	}
	return addrs[0]
}

// Gateway is a configuration with one cluster, "up", behind every path. Rest
// goes into it as it is; keys before the first table apply to the route.
func Gateway(upstream string, rest ...string) string {
	route, tables := "", ""
	for _, r := range rest {
		if strings.HasPrefix(strings.TrimSpace(r), "[") {
			tables += r + "\n"
		} else {
			route += r + "\n"
		}
	}
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[[routes]]
name = "all"
match = { path_prefix = "/" }
cluster = "up"
%s
%s
[clusters.up]
endpoints = [%q]
`, route, withDefaults(tables), upstream)
}

// GatewayAt is Gateway at an address: one that Refusing holds refuses once it is not
// listened on any more, whoever asks for a port meanwhile.
func GatewayAt(addr, upstream string, rest ...string) string {
	return strings.Replace(Gateway(upstream, rest...), "127.0.0.1:0", addr, 1)
}

// withDefaults lets a proxy end at once, unless the test says otherwise.
func withDefaults(tables string) string {
	if strings.Contains(tables, "[timeouts]") {
		return strings.Replace(tables, "[timeouts]", "[timeouts]\ndrain_delay = \"0s\"", 1)
	}
	return tables + "[timeouts]\ndrain_delay = \"0s\"\ndrain = \"2s\"\n"
}

type noBuiltins struct{}

var errNoBuiltins = errors.New("this test has no built-in filters")

func (noBuiltins) Module() ([]byte, error) { return nil, errNoBuiltins }
func (noBuiltins) Names() []string         { return nil }

func (noBuiltins) Clusters(string) map[string]bool { return nil }
