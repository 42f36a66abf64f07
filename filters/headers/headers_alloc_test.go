//go:build !race

package headers_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

const busy = `{"request":{"remove":["x-internal"],"set":{"x-client":"{client_ip}","x-where":"{method} {host}{path}"},"add_if_absent":{"x-d":"1"}},
	"response":{"remove":["server"],"set":{"x-status":"{status}"}},
	"rules":[{"path_prefix":"/a","response":{"add":{"x-b":"2"}}}]}`

func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "headers", sdktest.Options{Config: busy, Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Path: "/a/b", Headers: sdktest.H("x-internal", "1"),
		Properties: map[string]string{"weir.client_ip": "192.0.2.1"}})
	s.Respond(sdktest.Response{Headers: sdktest.H("server", "x")})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
