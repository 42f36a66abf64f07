package headers_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/headers"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "headers", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "headers", "testdata")
}

func TestTakesPartOnlyWhereItChangesSomething(t *testing.T) {
	const request, response = 1, 8
	for config, want := range map[string]uint32{
		`{"request":{"set":{"x-a":"1"}}}`:                                               request,
		`{"response":{"set":{"x-a":"1"}}}`:                                              response,
		`{"rules":[{"status":"5xx","response":{"set":{"x-a":"1"}}}]}`:                   response,
		`{"rules":[{"path_prefix":"/a","response":{"set":{"x-a":"1"}}}]}`:               request | response,
		`{"request":{"set":{"x-a":"1"}},"response":{"remove":["x-b"]}}`:                 request | response,
		`{"rules":[{"path_prefix":"/a","request":{"add_if_absent":{"x-a":"{path}"}}}]}`: request,
	} {
		h, _ := sdktest.Start(t, "headers", sdktest.Options{Config: config, Without: []string{"weir.edits"}})
		if got := h.Phases(); got != want {
			t.Errorf("%s takes part in phases %b, want %b", config, got, want)
		}
		if strings.Contains(config, `"path_prefix"`) && want&response != 0 { // later filters may change the path
			continue
		}
		if got := sdktest.New(t, "headers", config).Phases(); got != 0 {
			t.Errorf("%s takes part in phases %b where the host makes the changes", config, got)
		}
	}
}
