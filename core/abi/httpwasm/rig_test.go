package httpwasm_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// rig is a proxy with a guest before an upstream.
type rig struct {
	*coretest.Running
	t  testing.TB
	at int // log lines that were looked at
}

// serve runs a guest before an upstream. keys are those of the filter's table,
// and further tables.
func serve(t testing.TB, g *guest, up *coretest.Upstream, keys ...string) *rig {
	t.Helper()
	var table, rest []string
	for _, k := range keys {
		if strings.HasPrefix(k, "[") {
			rest = append(rest, k)
		} else {
			table = append(table, k)
		}
	}
	module := coretest.Module(t, g.bytes())
	rest = append(rest, `filters = ["guest"]`, coretest.FilterTable("guest", module, "", table...))
	if !strings.Contains(strings.Join(rest, "\n"), "[wasm]") {
		rest = append(rest, coretest.Wasm())
	}
	return &rig{Running: coretest.Proxy(t, coretest.Gateway(up.Addr, rest...)), t: t}
}

// pair is a guest before an upstream.
type pair struct {
	guest *guest
	up    *coretest.Upstream
}

// serveAll runs many in one proxy: pair n is the filter gN, on the path /gN.
func serveAll(t testing.TB, pairs []pair) *rig {
	t.Helper()
	tables := []string{coretest.Wasm()}
	for n, p := range pairs {
		name := fmt.Sprint("g", n)
		tables = append(tables, coretest.FilterTable(name, coretest.Module(t, p.guest.bytes()), ""), fmt.Sprintf(
			"[[routes]]\nname = %[1]q\nmatch = { path = \"/%[1]s\" }\nfilters = [%[1]q]\ncluster = %[1]q\n[clusters.%[1]s]\nendpoints = [%[2]q]", name, p.up.Addr))
	}
	return &rig{Running: coretest.Proxy(t, coretest.Gateway("127.0.0.1:1", tables...)), t: t}
}

// lines are what the guest has logged since the last call.
func (r *rig) lines() []string {
	lines := r.linesOf("guest")
	r.at = strings.Count(r.Log.String(), "\n")
	return lines
}

// linesOf are what a filter has logged.
func (r *rig) linesOf(filter string) (lines []string) {
	all := strings.SplitAfter(r.Log.String(), "\n")
	for _, l := range all[r.at : len(all)-1] {
		var line struct{ Msg, Filter, Error string }
		if err := json.Unmarshal([]byte(l), &line); err != nil {
			r.t.Fatalf("log line %q: %v", l, err)
		}
		if line.Filter == filter {
			lines = append(lines, strings.TrimSpace(line.Msg+" "+line.Error))
		}
	}
	return lines
}

// expect compares what was logged since the last call.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	same(r.t, r.lines(), want)
}

func same(t testing.TB, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the guest logged\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// get asks for a path.
func (r *rig) get(path string, fields ...string) coretest.Response {
	r.t.Helper()
	return coretest.Get(r.t, r.Addr("gateway"), path, fields...)
}

// post sends a body.
func (r *rig) post(body string) coretest.Response { return r.postTo("/", body) }

func (r *rig) postTo(path, body string) coretest.Response {
	r.t.Helper()
	c := coretest.Dial(r.t, r.Addr("gateway"))
	c.Send(fmt.Sprintf("POST "+path+" HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	return c.Read("POST")
}

// echo is a service that answers with what it got: method, URI, body, x- fields,
// and trailers.
func echo(t testing.TB) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		w.Header().Set("X-Up", "upstream")
		w.Header()["Date"] = nil
		fmt.Fprintf(w, "%s %s %s [%s]", r.Method, r.RequestURI, r.Host, b)
		if err != nil {
			fmt.Fprintf(w, " %v", err)
		}
		for _, name := range []string{"X-A", "X-B", "X-C"} {
			if v := r.Header[name]; len(v) > 0 {
				fmt.Fprintf(w, " %s=%s", name, strings.Join(v, ","))
			}
		}
		for name, v := range r.Trailer {
			fmt.Fprintf(w, " trailer %s=%s", name, strings.Join(v, ","))
		}
	}))
}
