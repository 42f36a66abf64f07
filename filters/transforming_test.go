package filters_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestHeadsOfTransformedResponses: the head of a response that would be changed tells
// no length but its own, over HEAD and GET, and the connection goes on.
func TestHeadsOfTransformedResponses(t *testing.T) {
	const document = `{"secret":1,"id":7}`
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(document)))
		switch r.URL.Path {
		case "/same":
			w.WriteHeader(http.StatusNotModified)
		case "/none":
			w.Header().Del("Content-Length")
			w.WriteHeader(http.StatusNoContent)
		default:
			fmt.Fprint(w, document)
		}
	}))
	p := runFile(t, coretest.Gateway(up.Addr, `filters = ["hide"]`, coretest.Wasm(),
		"[filters.hide]\nuse = \"transform\"\nconfig = { response = { remove = [\"secret\"] } }\n"))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 2 {
		for _, e := range []struct{ method, path, want string }{
			{"HEAD", "/", `200 "" ""`},
			{"GET", "/same", `304 "" ""`},
			{"GET", "/none", `204 "" ""`},
			{"GET", "/", `200 "8" "{\"id\":7}"`},
		} {
			c.Send(e.method + " " + e.path + " HTTP/1.1\r\nHost: a\r\n\r\n")
			r := c.Read(e.method)
			if got := fmt.Sprintf("%d %q %q", r.Status, r.Header.Get("Content-Length"), r.Body); got != e.want {
				t.Errorf("%s %s: %s, want %s", e.method, e.path, got, e.want)
			}
		}
	}
}

// TestTransformedResponsesAreEncoded: what the filter asks the upstream is not what the
// client accepts. Whoever encodes stands before it; behind it there is nothing to encode yet.
func TestTransformedResponsesAreEncoded(t *testing.T) {
	asked := make(chan string, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- strings.Join(r.Header.Values("Accept-Encoding"), " ")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"secret":1,"text":%q}`, strings.Repeat("a", 1000))
	}))
	for filters, want := range map[string]string{`["small", "hide"]`: "gzip", `["hide", "small"]`: "", `["small", "hide", "again"]`: "gzip"} {
		p := runFile(t, coretest.Gateway(up.Addr, "filters = "+filters, coretest.Wasm(),
			"[filters.hide]\nuse = \"transform\"\nconfig = { response = { remove = [\"secret\"] } }\n",
			"[filters.again]\nuse = \"transform\"\nconfig = { response = { remove = [\"nothing\"] } }\n",
			"[filters.small]\nuse = \"compress\"\n"))
		c := coretest.Dial(t, p.Addr("gateway"))
		for _, fields := range []string{"Accept-Encoding: gzip\r\n", "Accept-Encoding: br;q=0\r\nAccept-Encoding: gzip\r\n", "", "Accept-Encoding: identity\r\n"} {
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
			r := c.Read("GET")
			encoding := want
			if !strings.Contains(fields, "gzip") {
				encoding = ""
			}
			if got := r.Header.Get("Content-Encoding"); r.Status != 200 || got != encoding || encoding == "" && strings.Contains(r.Body, "secret") {
				t.Errorf("%s, %q: %d, encoded %q, want %q", filters, fields, r.Status, got, encoding)
			}
			if got := <-asked; got != "identity" {
				t.Errorf("%s, %q: the upstream is asked for %q", filters, fields, got)
			}
		}
	}
}
