//go:build !race

package mirror_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	s := host(tb, `{"cluster":"next","host_suffix":"-shadow"}`).Stream(sdktest.Request{})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
