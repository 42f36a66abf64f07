package server_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

func named(t *testing.T, name string) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }))
}

func TestReload(t *testing.T) {
	one, two := named(t, "one"), named(t, "two")
	p := coretest.Proxy(t, coretest.Gateway(one.Addr))
	at := p.Addr("gateway")
	if r := coretest.Get(t, at, "/"); r.Body != "one" {
		t.Fatalf("%+v", r)
	}
	t.Run("by the admin's door", func(t *testing.T) {
		p.Write(coretest.Gateway(two.Addr))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		if r := coretest.Get(t, at, "/"); r.Body != "two" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a bad file changes nothing and says why", func(t *testing.T) {
		p.Write(strings.Replace(coretest.Gateway(one.Addr), "cluster =", "cluter =", 1))
		r := p.Admin("POST", "/reload")
		if r.Status != 422 || !strings.Contains(r.Body, `did you mean "cluster"`) {
			t.Errorf("%+v", r)
		}
		if r := coretest.Get(t, at, "/"); r.Body != "two" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("by the file's change", func(t *testing.T) {
		p.Write(coretest.Gateway(one.Addr))
		coretest.Eventually(t, "the new file is taken up", func() bool { return coretest.Get(t, at, "/").Body == "one" })
	})
	t.Run("by another page's script", func(t *testing.T) {
		req, _ := http.NewRequest("POST", "http://"+p.AdminAddr()+"/reload", nil)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		r, err := http.DefaultClient.Do(req)
		if err != nil || r.StatusCode != 403 {
			t.Errorf("%v %v, want 403", r, err)
		}
	})
}

// TestReloadOpensAndClosesListeners moves a listener from one port to another.
func TestReloadOpensAndClosesListeners(t *testing.T) {
	up := named(t, "up")
	before := coretest.Refusing(t)
	p := coretest.Proxy(t, coretest.GatewayAt(before, up.Addr))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p.Write(coretest.GatewayAt(taken.Addr().String(), up.Addr))
	if r := p.Admin("POST", "/reload"); r.Status != 422 || !strings.Contains(r.Body, "address already in use") {
		t.Fatalf("%+v", r)
	}
	if r := coretest.Get(t, before, "/"); r.Status != 200 {
		t.Errorf("the old listener: %+v", r)
	}
	free := coretest.Refusing(t)
	p.Write(coretest.GatewayAt(free, up.Addr))
	if r := p.Admin("POST", "/reload"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	if r := coretest.Get(t, free, "/"); r.Status != 200 {
		t.Errorf("the new listener: %+v", r)
	}
	coretest.Eventually(t, "the old listener is closed", func() bool {
		c, err := net.Dial("tcp", before)
		if err == nil {
			c.Close()
		}
		return err != nil
	})
}

// TestReloadUnderLoad swaps configurations while requests run: none may fail.
func TestReloadUnderLoad(t *testing.T) {
	one, two := named(t, "one"), named(t, "two")
	p := coretest.Proxy(t, coretest.Gateway(one.Addr))
	at := p.Addr("gateway")
	var stop atomic.Bool
	var served atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c := coretest.Dial(t, at)
			for !stop.Load() {
				if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
					t.Errorf("sending: %v", err)
					return
				}
				r, err := c.TryRead("GET")
				if err != nil || r.Status != 200 {
					t.Errorf("%+v %v", r, err)
					return
				}
				served.Add(1)
			}
		})
	}
	for i := range 40 {
		up := []*coretest.Upstream{one, two}[i%2]
		from := served.Load()
		p.Write(coretest.Gateway(up.Addr))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		coretest.Eventually(t, "requests go on", func() bool { return served.Load() > from+8 || t.Failed() })
	}
	stop.Store(true)
	all.Wait()
}

func TestReloadKeepsConnections(t *testing.T) {
	up := named(t, "up")
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 5 {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		c.Read("GET")
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
	}
	if n := up.Connections(); n != 1 {
		t.Errorf("%d upstream connections over reloads that changed nothing, want 1", n)
	}
}

func TestRoleNeedsARestart(t *testing.T) {
	up := named(t, "up")
	toml := coretest.Gateway(up.Addr)
	p := coretest.Proxy(t, toml)
	p.Write("role = \"sidecar\"\nsidecar.app = \"" + up.Addr + "\"\n" + toml)
	if r := p.Admin("POST", "/reload"); r.Status != 422 || !strings.Contains(r.Body, "restart") {
		t.Errorf("%+v", r)
	}
}

func TestStartNamesEveryProblem(t *testing.T) {
	broken := strings.Replace(coretest.Gateway("127.0.0.1:1"), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"a\", \"b\"]\n", 1) +
		"[filters.a]\nmodule = \"missing.wasm\"\n[filters.b]\nmodule = \"broken.wasm\"\n"
	p, err := coretest.Start(t, broken, coretest.Options{})
	if err == nil {
		p.Stop()
		t.Fatal("it started")
	}
	for _, want := range []string{"filters.a: reading module", "filters.b: reading module"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}

func TestSHA256Pin(t *testing.T) {
	dir := t.TempDir()
	module := dir + "/empty.wasm"
	if err := os.WriteFile(module, []byte("\x00asm\x01\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	toml := strings.Replace(coretest.Gateway("127.0.0.1:1"), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"a\"]\n", 1) +
		fmt.Sprintf("[filters.a]\nmodule = %q\nsha256 = %q\n", module, strings.Repeat("0", 64))
	_, err := coretest.Start(t, toml, coretest.Options{})
	if err == nil || !strings.Contains(err.Error(), "its SHA-256 is 93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476") {
		t.Errorf("%v", err)
	}
}
