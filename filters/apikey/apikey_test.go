package apikey_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	_ "github.com/weirproxy/weir/filters/apikey"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "apikey", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "apikey", sdktest.Options{Config: one, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "apikey runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"keys":[`)
	for i := range 5000 {
		fmt.Fprintf(&b, `{"name":"user-%d","key":"key-of-the-user-%d","paths":["/"]},`, i, i)
	}
	config := strings.TrimSuffix(b.String(), ",") + "]}"
	h := sdktest.New(t, "apikey", config)
	for i := range 5000 {
		s := h.Stream(sdktest.Request{Headers: sdktest.H("x-api-key", fmt.Sprintf("key-of-the-user-%d", i))})
		if got, _ := s.Property("weir.identity"); got != fmt.Sprintf("user-%d", i) {
			t.Fatalf("key %d is of %q", i, got)
		}
		s.Finish()
	}
}

// TestKeysAreFewObjects guards the guest's collector: what a key keeps must
// not be one object or more.
func TestKeysAreFewObjects(t *testing.T) {
	const n = 20_000
	var b strings.Builder
	b.WriteString(`{"keys":[`)
	for i := range n {
		fmt.Fprintf(&b, `{"name":"user-%d","sha256":"%064x"},`, i, i+1)
	}
	config := strings.TrimSuffix(b.String(), ",") + "]}"
	objects := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	before := objects()
	h := sdktest.New(t, "apikey", config)
	if grown := int64(objects()) - int64(before); grown > n/10 {
		t.Errorf("%d keys keep %d objects", n, grown)
	}
	runtime.KeepAlive(h)
}

const one = `{"identity_header":"x-user","keys":[{"name":"ann","sha256":"4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd","paths":["/a"]}]}`
