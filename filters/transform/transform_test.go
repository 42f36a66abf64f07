package transform_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/transform"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "transform", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "transform", sdktest.Options{Config: `{"request":{"remove":["a"]}}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "needs weir.json_edit, which only Weir has") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}
