package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/metrics"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "metrics", "testdata") }

func TestMeasures(t *testing.T) {
	h := sdktest.New(t, "metrics", `{"measure":["duration","request_bytes","response_bytes"]}`)
	s := h.Stream(sdktest.Request{Body: "12345"})
	h.Advance(1999 * time.Microsecond)
	s.Respond(sdktest.Response{Body: "1234567890"})
	s.Finish()
	for name, want := range map[string]int64{"duration_ms": 1, "request_bytes": 5, "response_bytes": 10} {
		if got := h.Observations(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s saw %v, want %d", name, got, want)
		}
	}
}

// TestNamesFitTheHost makes the longest name that a configuration allows.
func TestNamesFitTheHost(t *testing.T) {
	const long = "abcdefghijklmno"
	h := sdktest.New(t, "metrics", `{"prefix":"`+long+`p","measure":["response_bytes"],"labels":{
		"`+long+`a":"{path}","`+long+`b":"{path}","`+long+`c":"{path}","`+long+`d":"{path}"}}`)
	h.Stream(sdktest.Request{Path: "/" + strings.Repeat("x", 100)}).Finish()
	for _, name := range h.MetricNames() {
		if len(name) > 256 {
			t.Errorf("the name %q has %d bytes", name, len(name))
		}
	}
	if len(h.Observations(h.MetricNames()[1])) != 1 {
		t.Errorf("nothing was counted: %q", h.MetricNames())
	}
}
