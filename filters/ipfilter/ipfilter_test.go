package ipfilter_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/ipfilter"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "ipfilter", "testdata") }

// many is a configuration with a text of n networks.
func many(n int) string {
	var b strings.Builder
	b.WriteString(`{"default":"allow","deny":"`)
	for i := range n {
		fmt.Fprintf(&b, `%d.%d.%d.0/24\n`, 1+i%200, i/200%250, i/50_000)
	}
	return b.String() + `"}`
}

// TestNetworksAreFewObjects guards the guest's collector.
func TestNetworksAreFewObjects(t *testing.T) {
	objects := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	config := many(100_000)
	before := objects()
	h := sdktest.New(t, "ipfilter", config)
	if grown := int64(objects()) - int64(before); grown > 1000 {
		t.Errorf("100000 networks keep %d objects", grown)
	}
	for client, want := range map[string]bool{"1.0.0.9": true, "200.249.1.1": true, "201.0.0.1": false, "1.0.2.1": false} {
		s := h.Stream(sdktest.Request{Properties: map[string]string{"weir.client_ip": client}})
		if s.Local() != want {
			t.Errorf("%s: denied %t, want %t", client, s.Local(), want)
		}
		s.Finish()
	}
}

func TestTooManyNetworks(t *testing.T) {
	h, ok := sdktest.Start(t, "ipfilter", sdktest.Options{Config: many(100_001)})
	if ok || !strings.Contains(h.Logs()[0], "is more than 100000 networks in all") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "ipfilter", sdktest.Options{Config: `{"allow":["192.0.2.0/24"],"default":"deny"}`, Elsewhere: true})
	if !ok {
		t.Fatal(h.Logs())
	}
	for peer, local := range map[string]bool{"192.0.2.7:80": false, "192.0.3.7:80": true, "": true} {
		s := h.Stream(sdktest.Request{Properties: map[string]string{"source.address": peer}})
		if s.Local() != local {
			t.Errorf("%q: answered %t", peer, s.Local())
		}
		s.Finish()
	}
}
