package deadline_test

import (
	"strings"
	"testing"
	"time"

	_ "github.com/weirproxy/weir/filters/deadline"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "deadline", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "deadline", sdktest.Options{Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "deadline runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestTheLesserCounts: of what the client gives and the filter's own bound.
func TestTheLesserCounts(t *testing.T) {
	for _, c := range []struct {
		config, field, name string
		want                time.Duration // 0: none
	}{
		{`{}`, "", "", 0},
		{`{}`, "250", "x-envoy-expected-rq-timeout-ms", 250 * time.Millisecond},
		{`{"most":"1s"}`, "", "x-envoy-expected-rq-timeout-ms", time.Second},
		{`{"most":"1s"}`, "250", "x-envoy-expected-rq-timeout-ms", 250 * time.Millisecond},
		{`{"most":"1s","forward":"X-Left"}`, "2500", "x-left", time.Second},
		{`{"most":"1s","header":""}`, "250", "", time.Second},
		{`{}`, "99999999999999999999", "x-envoy-expected-rq-timeout-ms", 24 * time.Hour},
	} {
		h := sdktest.New(t, "deadline", c.config)
		r := sdktest.Request{}
		if c.field != "" {
			r.Headers = sdktest.H("x-envoy-expected-rq-timeout-ms", c.field)
		}
		s := h.Stream(r)
		got, set := s.Property("weir.timeout")
		if set != (c.want > 0) || set && got != sdktest.Int(int64(c.want)) {
			t.Errorf("%s, %q: %x, want %v", c.config, c.field, got, c.want)
		}
		if name, _ := s.Property("weir.timeout_field"); name != c.name {
			t.Errorf("%s, %q: told in %q, want %q", c.config, c.field, name, c.name)
		}
	}
}
