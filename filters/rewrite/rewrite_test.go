package rewrite_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/rewrite"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "rewrite", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "rewrite", "testdata")
}

func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "rewrite", sdktest.Options{Config: `{"regex":{"pattern":"a","replace":"b"}}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "needs weir.regex, which only Weir has") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
	h, ok = sdktest.Start(t, "rewrite", sdktest.Options{Config: `{"strip_prefix":"/a","reroute":true}`, Elsewhere: true})
	if !ok || h.Stream(sdktest.Request{Path: "/a/b"}).Upstream().Get(":path") != "/b" {
		t.Errorf("a prefix is not stripped elsewhere; log %q", h.Logs())
	}
}

func TestReroutesOnlyWhatChanged(t *testing.T) {
	calls := 0
	h, ok := sdktest.Start(t, "rewrite", sdktest.Options{Config: `{"strip_prefix":"/a","reroute":true}`,
		Functions: map[string]func([]byte) ([]byte, error){
			"clear_route_cache": func([]byte) ([]byte, error) { calls++; return nil, nil },
		}})
	if !ok {
		t.Fatal(h.Logs())
	}
	h.Stream(sdktest.Request{Path: "/b"})
	if calls != 0 {
		t.Error("rerouted what did not change")
	}
	h.Stream(sdktest.Request{Path: "/a/b"})
	if calls != 1 {
		t.Errorf("rerouted %d times, want once", calls)
	}
}
