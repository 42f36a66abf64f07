package trace_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/trace"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "trace", "testdata") }

// TestDeclares compares what the host is told with the bytes of sdk/ABI.md.
func TestDeclares(t *testing.T) {
	const defaults = "01000000 01000000 00000000 0000000000000001 64000000 01000000 01000000 00000000 00000000 00000000"
	for config, want := range map[string]string{
		``: defaults,
		`{"sample":0.5,"per_second":0,"parent":"none","always":"X-Trace","read":[],"write":["b3","b3multi"],"filters":false,"query":true}`: "01000000 02000000 02000000 0000000000008000 00000000 00000000 06000000 07000000 782d7472616365 00000000 00000000",
		`{"name":"{method} x","tags":{"a.b":"{header:X-T}"}}`: "01000000 01000000 00000000 0000000000000001 64000000 01000000 01000000 00000000" +
			" 02000000 01000000 07000000 3a6d6574686f64 00000000 02000000 2078" +
			" 01000000 03000000 612e62 01000000 01000000 03000000 782d74",
	} {
		got := ""
		h, ok := sdktest.Start(t, "trace", sdktest.Options{Config: config, Functions: map[string]func([]byte) ([]byte, error){
			"weir.trace": func(b []byte) ([]byte, error) { got = hex.EncodeToString(b); return nil, nil },
		}})
		if want = strings.ReplaceAll(want, " ", ""); !ok || got != want {
			t.Errorf("%s: declared\n%s, want\n%s; %q", config, got, want, h.Logs())
		}
	}
}

func TestIsRefusedElsewhere(t *testing.T) {
	h, ok := sdktest.Start(t, "trace", sdktest.Options{Elsewhere: true})
	if log := strings.Join(h.Logs(), "\n"); ok || !strings.Contains(log, "trace runs in Weir only") {
		t.Errorf("taken %v; it logged %q", ok, log)
	}
}
