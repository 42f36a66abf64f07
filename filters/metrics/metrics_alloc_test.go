//go:build !race

package metrics_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	h := sdktest.New(tb, "metrics", `{"measure":["requests"],"labels":{"route":"{route}","class":"{status_class}"}}`)
	s := h.Stream(sdktest.Request{Properties: map[string]string{"xds.route_name": "orders"}})
	s.Respond(sdktest.Response{Status: 200})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
