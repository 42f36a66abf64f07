package server_test

import (
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	w "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestDeadlineOfPausedCall: a filter that waits does not make a gRPC call last
// longer than its client allows.
func TestDeadlineOfPausedCall(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a paused call went on") }))
	m := w.New()
	m.Memory(1, 1)
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", w.I32(4096))
	m.Func("proxy_on_request_headers", "iii:i", w.I32(1)) // pause, and never go on
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("one"), coretest.Wasm(),
		coretest.FilterTable("one", coretest.Module(t, m.Bytes()), ""), "[timeouts]\npause = \"1h\""))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nGrpc-Timeout: 200m\r\nContent-Length: 0\r\n\r\n")
	if r := c.Read("POST"); r.Status != 200 || r.Header.Get("Grpc-Status") != "4" {
		t.Errorf("%+v", r)
	}
}
