package examples_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestForeign runs filters that others have built and published for other hosts.
// "make deps" takes them out of Go modules; .ci/versions names those.
func TestForeign(t *testing.T) {
	for name, c := range map[string]struct {
		keys    string // further ones of the filter's table
		logs    string
		header  string // x-wasm-custom of the response
		content string
	}{
		// Envoy's own example, C++ of ABI 0.2.1: it begins each body anew.
		"envoy-gateway": {`root_id = "my_root_id"`, "onRequestHeaders() :authority -> a.example", "FOO", "Hello, world, and more"},
		// MOSN's example, C++ of ABI 0.1.0 and wasi_unstable: it looks at requests.
		"mosn": {"", "print from wasm, :authority -> a.example", "", "twelve bytes, and more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			module, err := filepath.Abs("../.deps/foreign/" + name + ".wasm")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(module); err != nil {
				missing(t, module, "make deps")
			}
			app := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte("twelve bytes, and more"))
			}))
			p, err := weir(t, coretest.Gateway(app.Addr, `filters = ["foreign"]`, coretest.Wasm(),
				"[filters.foreign]\nmodule = \""+module+"\"\n"+c.keys))
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				conn := coretest.Dial(t, p.addr)
				conn.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
				r := conn.Read("GET")
				if r.Status != 200 || string(r.Body) != c.content || r.Header.Get("x-wasm-custom") != c.header {
					t.Errorf("response %+v", r)
				}
			}
			p.logs(t, c.logs)
			if strings.Contains(p.log(), "a filter failed") {
				t.Errorf("the log:\n%s", p.log())
			}
			p.stop(t)
		})
	}
}
