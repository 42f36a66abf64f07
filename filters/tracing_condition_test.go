package filters_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// TestTracingOfSomeRequests: the first filter trace counts that sees the request, and
// one that none sees is not touched.
func TestTracingOfSomeRequests(t *testing.T) {
	told := make(chan string, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		told <- fmt.Sprintf("traceparent %t, b3 %t", q.Header.Get("Traceparent") != "", q.Header.Get("B3") != "")
	}))
	r := otlptest.Listen(t)
	toml := tracedFile(r, []string{up.Addr}, `name = "one"`, nil, "[filters.others]\nuse = \"trace\"\nconfig = { name = \"two\", write = [\"b3\"] }")
	toml = strings.Replace(toml, `["trace"]`, `[{ name = "trace", when = { path_prefix = "/a" } }, { name = "others", unless = { methods = ["DELETE"] } }]`, 1)
	p := runFile(t, toml)
	for _, tt := range []struct{ method, path, told, span string }{
		{"GET", "/a", "traceparent true, b3 false", "one"},
		{"GET", "/b", "traceparent false, b3 true", "two"},
		{"DELETE", "/a", "traceparent true, b3 false", "one"},
		{"DELETE", "/b", "traceparent false, b3 false", ""},
	} {
		before := len(r.Spans())
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send(tt.method + " " + tt.path + " HTTP/1.1\r\nHost: a\r\n\r\n")
		if got, told := c.Read(tt.method), <-told; got.Status != 200 || told != tt.told {
			t.Errorf("%s %s: answered %d, the upstream is told %s, want %s", tt.method, tt.path, got.Status, told, tt.told)
		}
		if tt.span == "" {
			continue
		}
		coretest.Eventually(t, "the spans of "+tt.path, func() bool { return len(r.Spans()) >= before+2 })
		if names := fmt.Sprint(r.Spans()[before].Name, r.Spans()[before+1].Name); !strings.Contains(names, tt.span) {
			t.Errorf("%s %s left the spans %s", tt.method, tt.path, names)
		}
	}
	if err := p.Stop(); err != nil { // which sends what there is
		t.Fatal(err)
	}
	if n := len(r.Spans()); n != 6 {
		t.Errorf("%d spans, want 6:\n%s", n, otlptest.Tree(r.Spans()))
	}
}
