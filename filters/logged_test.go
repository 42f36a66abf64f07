package filters_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestTheLogTellsOfItsOwnResponse: what a response said is still there when filters log
// it, though connections upstream are taken by others at once.
func TestTheLogTellsOfItsOwnResponse(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-For", q.URL.Path)
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", q.Header.Get("X-Code"))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(make([]byte, 5))
	})
	for protocol, serve := range map[string]func(testing.TB, http.Handler) *coretest.Upstream{"http1": coretest.Serve, "http2": coretest.ServeHTTP2} {
		t.Run(protocol, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "access.log")
			p := runFile(t, coretest.Gateway(serve(t, handler).Addr, `filters = ["fields"]`, fmt.Sprintf("[log]\naccess = %q", log), coretest.Wasm(),
				"[filters.fields]\nuse = \"accesslog\"\nconfig = { fields = { for = \"{response_header:x-for}\" } }\n")+fmt.Sprintf("protocol = %q\n", protocol))
			var all sync.WaitGroup
			const clients, each = 8, 100
			for i := range clients {
				c := coretest.Dial(t, p.Addr("gateway"))
				all.Go(func() {
					for n := range each {
						_, err := fmt.Fprintf(c, "POST /%d/%d HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nTE: trailers\r\nX-Code: %d\r\nContent-Length: 0\r\n\r\n", i, n, n%16)
						if r, failed := c.TryRead("POST"); err != nil || failed != nil || r.Status != 200 {
							t.Errorf("%v %v %+v", err, failed, r)
							return
						}
					}
				})
			}
			all.Wait()
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			lines := 0
			for line := range strings.Lines(string(text)) {
				var e struct {
					Path   string
					Code   int `json:"grpc_status"`
					Fields struct{ For string }
				}
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatal(err)
				}
				var i, n int
				if _, err := fmt.Sscanf(e.Path, "/%d/%d", &i, &n); err != nil || e.Fields.For != e.Path || e.Code != n%16 {
					t.Errorf("%s has x-for %q and status %d, want %d", e.Path, e.Fields.For, e.Code, n%16)
				}
				lines++
			}
			if lines != clients*each {
				t.Errorf("%d lines, want %d", lines, clients*each)
			}
		})
	}
}
