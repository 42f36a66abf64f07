//go:build !race

package split_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

const canary = `{"targets":[{"cluster":"v1","weight":95},{"cluster":"v2","weight":5}],"match":[{"header":"x-canary","values":{"yes":"v2"}}],"by":"header:x-user","sticky":{"cookie":"rel"}}`

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "split", canary).Stream(sdktest.Request{Headers: sdktest.H("x-user", "ann", "cookie", "a=b; c=d")})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
