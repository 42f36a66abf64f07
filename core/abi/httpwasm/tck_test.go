package httpwasm_test

import (
	"net/http"
	"testing"

	"github.com/http-wasm/http-wasm-host-go/tck"

	"github.com/weirproxy/weir/core/coretest"
)

// TestTCK runs the ABI's own conformance tests against a whole proxy.
func TestTCK(t *testing.T) {
	up := coretest.Serve(t, tck.BackendHandler())
	p := coretest.Proxy(t, gateway(up.Addr, coretest.Module(t, tck.GuestWASM)))
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	t.Run("PW-127 the TCK", func(t *testing.T) {
		tck.Run(t, client, "http://"+p.Addr("gateway"))
	})
}

// gateway is a configuration with one http-wasm filter, "guest", before
// everything.
func gateway(upstream, module string, keys ...string) string {
	return coretest.Gateway(upstream, `filters = ["guest"]`, coretest.Wasm(),
		coretest.FilterTable("guest", module, "", keys...))
}
