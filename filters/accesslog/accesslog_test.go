package accesslog_test

import (
	"testing"

	_ "github.com/weirproxy/weir/filters/accesslog"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "accesslog", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "accesslog", "testdata")
}

func TestSampleIsAShare(t *testing.T) {
	h := sdktest.New(t, "accesslog", `{"fields":{"a":"b"},"sample":0.3}`)
	const n = 10_000
	sampled := 0
	for range n {
		s := h.Stream(sdktest.Request{})
		s.Respond(sdktest.Response{})
		s.Finish()
		if _, ok := s.Property("log.a"); ok {
			sampled++
		}
	}
	if sampled < n*27/100 || sampled > n*33/100 { // 6 standard deviations
		t.Errorf("%d of %d streams are in a sample of 0.3", sampled, n)
	}
}
