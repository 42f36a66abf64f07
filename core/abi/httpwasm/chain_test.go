package httpwasm_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestChain: http-wasm and proxy-wasm filters in one chain, in any order.
func TestChain(t *testing.T) {
	mark := func(letter string) *guest {
		return &guest{start: features(bufferRequest | bufferResponse), request: []step{
			readAll(0, 100), do("add_header_value", 0, "x-there", letter), do("write_body", 0, letter),
		}, response: []step{readAll(1, 100), do("add_header_value", 1, "x-back", letter)}}
	}
	one, two := coretest.Module(t, mark("1").bytes()), coretest.Module(t, mark("2").bytes())
	for order, want := range map[string][2]string{
		`["one", "two", "pw"]`: {"1,2,pw", "pw,2,1"},
		`["pw", "two", "one"]`: {"pw,2,1", "1,2,pw"},
		`["two", "pw", "one"]`: {"2,pw,1", "1,pw,2"},
	} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				fmt.Fprintf(w, "%s %s", strings.Join(r.Header["X-There"], ","), b)
			}))
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, "filters = "+order, coretest.Wasm(),
				coretest.FilterTable("one", one, ""), coretest.FilterTable("two", two, ""),
				coretest.FilterTable("pw", coretest.Guest(t), "marker", `config = { name = "pw" }`)))
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody")
			got := c.Read("POST")
			last := want[0][strings.LastIndexAny(want[0], "12")]
			if got.Body != want[0]+" "+string(last) || strings.Join(got.Header.Values("X-Back"), ",") != want[1] {
				t.Errorf("%+v", got)
			}
		})
	}
}
