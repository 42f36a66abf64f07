//go:build !race

package redirect_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB, path string) *sdktest.Stream {
	s := sdktest.New(tb, "redirect", `{"scheme":"https","strip_prefix":"/old"}`).Stream(sdktest.Request{Path: path})
	if !s.Local() {
		s.Respond(sdktest.Response{})
	}
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t, "/new?x=1")) }

// The emulated host allocates for every reply: the filter must not add to that.
func TestRedirectingAllocatesNothing(t *testing.T) {
	const hosts = 5
	s := run(t, "/old/b?x=1")
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > hosts {
		t.Errorf("%v allocations a redirection, of which the host's are %d", n, hosts)
	}
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b, "/old/b?x=1")) }
