package respond_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/respond"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "respond", "testdata") }

func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "respond", sdktest.Options{Config: `{"body":"{method}","template":true}`, Elsewhere: true})
	if s := h.Stream(sdktest.Request{}); !ok || string(s.Downstream().Body) != "GET" {
		t.Errorf("no answer elsewhere; log %q", h.Logs())
	}
}
