//go:build !race

package respond_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "respond", `{"content_type":"text/html","body":"<p>{path}","template":true,"headers":{"x-for":"{client_ip}"}}`).
		Stream(sdktest.Request{Path: "/<b>", Properties: map[string]string{"weir.client_ip": "192.0.2.1"}})
	s.Finish()
	return s
}

// The emulated host allocates for every reply and its two fields: the filter must not
// add to that.
func TestAllocatesNothing(t *testing.T) {
	const hosts = 8
	s := run(t)
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > hosts {
		t.Errorf("%v allocations a stream, of which the host's are %d", n, hosts)
	}
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
