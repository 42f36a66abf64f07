package jwt_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/jwt"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "jwt", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "jwt", sdktest.Options{Config: `{}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "jwt runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestABodyMustNotEndTheWait: with that on_pause it would.
func TestABodyMustNotEndTheWait(t *testing.T) {
	h, ok := sdktest.Start(t, "jwt", sdktest.Options{Config: `{}`, Properties: map[string]string{"weir.on_pause": "stop_iteration"}})
	if ok || !strings.Contains(h.Logs()[0], `on_pause is "stop_iteration"`) {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}
