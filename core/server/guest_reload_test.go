package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestReloadOfFiltersUnderLoad changes a filter's configuration while requests
// run. None fails; the instance, its memory and the shared data stay; each
// old root is told of its end.
func TestReloadOfFiltersUnderLoad(t *testing.T) {
	const reloads = 20
	up := newUpstream(t)
	module := coretest.Guest(t)
	toml := func(name string) string {
		return coretest.Gateway(up.Addr, chained("share"), coretest.Wasm("lanes = 1"),
			coretest.FilterTable("share", module, "share", fmt.Sprintf("config = { name = %q }", name)))
	}
	p := coretest.Proxy(t, toml("v0"))
	at := p.Addr("gateway")
	var stop atomic.Bool
	var served atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c := coretest.Dial(t, at)
			for !stop.Load() {
				if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
					t.Error(err)
					return
				}
				if r, err := c.TryRead("GET"); err != nil || r.Status != 200 {
					t.Errorf("%+v %v", r, err)
					return
				}
				served.Add(1)
			}
		})
	}
	for i := 1; i <= reloads; i++ {
		from := served.Load()
		p.Write(toml(fmt.Sprint("v", i)))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		coretest.Eventually(t, "requests go on", func() bool { return served.Load() > from+8 || t.Failed() })
	}
	stop.Store(true)
	all.Wait()
	coretest.Get(t, at, "/")
	last, n := countsOf(t, up.last(t))[0], int(served.Load())+1
	if last.name != fmt.Sprint("v", reloads) || last.host != n || last.swap != n || last.instance != n {
		t.Errorf("%+v, want %d each: a module was loaded again or data was lost", last, n)
	}
	for i := range reloads {
		coretest.Eventually(t, "an old root is told of its end", func() bool {
			return p.Log.Has(fmt.Sprintf(`"the end of v%d"`, i), `"filter":"share"`)
		})
	}
	if n := strings.Count(p.Log.String(), `"the end of v`); n != reloads {
		t.Errorf("%d ends, want %d", n, reloads)
	}
	if f := p.Filters(); len(f) != 1 || f[0].Traps != 0 {
		t.Errorf("%+v", f)
	}
}

// TestOldRootServesItsStreams has a stream wait while its filter's
// configuration changes: its root ends after it.
func TestOldRootServesItsStreams(t *testing.T) {
	waiting, goOn := make(chan bool, 1), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			waiting <- true
			until(r, goOn)
		}
	}))
	module := coretest.Guest(t)
	toml := func(name string) string {
		return coretest.Gateway(up.Addr, chained("mark", "share"), coretest.Wasm("lanes = 1"),
			coretest.FilterTable("mark", module, "marker", fmt.Sprintf("config = { name = %q }", name)),
			coretest.FilterTable("share", module, "share", fmt.Sprintf("config = { name = %q }", name)))
	}
	p := coretest.Proxy(t, toml("old"))
	at := p.Addr("gateway")
	c := coretest.Dial(t, at)
	c.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	<-waiting
	p.Write(toml("new"))
	if r := p.Admin("POST", "/reload"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	for range 3 {
		if r := coretest.Get(t, at, "/"); fmt.Sprint(r.Header["X-Back"]) != "[new]" {
			t.Errorf("a new stream: %+v", r)
		}
	}
	if p.Log.Has("the end of old") {
		t.Error("a root ended before its stream")
	}
	close(goOn)
	if r := c.Read("GET"); fmt.Sprint(r.Header["X-Back"]) != "[old]" {
		t.Errorf("the old stream: %+v", r)
	}
	coretest.Eventually(t, "the old root ends", func() bool { return p.Log.Has("the end of old") })
}

func TestReloadRefusedByAGuest(t *testing.T) {
	up := newUpstream(t)
	module := coretest.Guest(t)
	toml := func(config string) string {
		return coretest.Gateway(up.Addr, chained("share"), coretest.Wasm("lanes = 1"),
			coretest.FilterTable("share", module, "share", "config = "+config))
	}
	p := coretest.Proxy(t, toml(`{ name = "kept" }`))
	at := p.Addr("gateway")
	coretest.Get(t, at, "/")
	for name, c := range map[string][2]string{
		"it refuses":         {`{ name = "new", refuse = "the moon is in the wrong house" }`, ": the moon is in the wrong house"},
		"it cannot read":     {`"{ this is no JSON"`, ": not valid JSON: byte 2 should be a key in quotes"},
		"it finds no string": {`{ name = 7 }`, ".name: must be a string, not a number"},
	} {
		config, says := c[0], c[1]
		t.Run(name, func(t *testing.T) {
			p.Write(toml(config))
			r := p.Admin("POST", "/reload")
			if r.Status != 422 || !strings.Contains(r.Body, ": filters.share.config"+says) {
				t.Errorf("%+v", r)
			}
			before := countsOf(t, up.last(t))[0]
			if r := coretest.Get(t, at, "/"); r.Status != 200 {
				t.Errorf("%+v", r)
			}
			if c := countsOf(t, up.last(t))[0]; c.name != "kept" || c.host != before.host+1 || c.instance != before.instance+1 {
				t.Errorf("%+v after %+v", c, before)
			}
		})
	}
	if n := len(p.Filters()); n != 1 {
		t.Errorf("%d filters are left, want 1", n)
	}
}

// versioned writes such a module to a file.
func versioned(t *testing.T, version string) (path string) {
	return coretest.Module(t, coretest.Versioned(version))
}

// TestTwoVersionsOfAModule has a stream of the first wait while the second
// serves.
func TestTwoVersionsOfAModule(t *testing.T) {
	waiting, goOn := make(chan string, 1), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			waiting <- r.Header.Get("X-There")
			until(r, goOn)
		}
		fmt.Fprint(w, r.Header.Get("X-There"))
	}))
	toml := func(module string) string {
		return coretest.Gateway(up.Addr, chained("v"), coretest.Wasm(), coretest.FilterTable("v", module, ""))
	}
	p := coretest.Proxy(t, toml(versioned(t, "one")))
	at := p.Addr("gateway")
	c := coretest.Dial(t, at)
	c.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	if v := <-waiting; v != "one" {
		t.Errorf("version %q, want one", v)
	}
	first := p.Filter("v").Module
	p.Write(toml(versioned(t, "two")))
	if r := p.Admin("POST", "/reload"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	for range 3 {
		if r := coretest.Get(t, at, "/"); r.Body != "two" || fmt.Sprint(r.Header["X-Back"]) != "[two]" {
			t.Errorf("%+v, want version two", r)
		}
	}
	modules := map[string]bool{}
	for _, f := range p.Filters() {
		modules[f.Module] = true
	}
	if len(modules) != 2 || !modules[first] {
		t.Errorf("modules %v, want two, %s among them", modules, first)
	}
	close(goOn)
	if r := c.Read("GET"); r.Body != "one" || fmt.Sprint(r.Header["X-Back"]) != "[one]" {
		t.Errorf("%+v, want version one to its end", r)
	}
	coretest.Eventually(t, "the first version is gone", func() bool {
		all := p.Filters()
		return len(all) == 1 && all[0].Module != first
	})
}
