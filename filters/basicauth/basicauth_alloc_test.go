//go:build !race

package basicauth_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "basicauth", `{"identity_header":"x-user","users":["`+ann+`"]}`).Stream(request("ann:ann's password"))
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	s := run(t)
	if s.Local() {
		t.Fatalf("refused: %s", s.Details())
	}
	filtertest.AllocatesNothing(t, s)
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
