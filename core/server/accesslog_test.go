package server_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// masks hide what differs from run to run.
var masks = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`), `"time":"T"`},
	{regexp.MustCompile(`"node":"[^"]+"`), `"node":"N"`},
	{regexp.MustCompile(`"conn":\d+`), `"conn":C`},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), `127.0.0.1:P`},
	{regexp.MustCompile(`_ms":\d+(\.\d+)?`), `_ms":M`},
}

// TestAccessLog has a line for each way that a stream can end.
func TestAccessLog(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	flaky := coretest.Script(t,
		func(p *coretest.Peer) { p.Head(); p.Reset() },
		func(p *coretest.Peer) {
			p.Head()
			p.Say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut")
			p.Reset()
		},
	)
	toml := counted(up.Addr, flaky.Addr, coretest.Refusing(t), tagging(t)) +
		"[log]\naccess = \"access.log\"\n[trust]\nrequest_id = true\n"
	p := coretest.Proxy(t, toml)
	at := p.Addr("gateway")
	for _, request := range []string{
		"GET /good?q=\"1\" HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test/1 \"q\"\r\nX-Request-Id: abc\r\n\r\n",
		"POST /good HTTP/1.0\r\nHost: shop.example\r\nContent-Length: 4\r\n\r\nbody",
		"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /dead HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /good HTTP/1.1\r\nHost: a\r\nX-Trap: yes\r\n\r\n",
		"GET /flaky HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /good HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n",
		"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"NONSENSE\r\n\r\n",
	} {
		c := coretest.Dial(t, at)
		c.Send(request)
		_, _ = c.TryRead("GET")
		_ = c.Close()
	}
	if err := p.Stop(); err != nil { // which writes what waits
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(p.File), "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	for _, m := range masks {
		got = m.what.ReplaceAllString(got, m.by)
	}
	// A client may see the end of its stream before the log does.
	lines := strings.SplitAfter(got, "\n")
	slices.SortFunc(lines, func(a, b string) int {
		return strings.Compare(a[strings.Index(a, `"stream":`)+1:], b[strings.Index(b, `"stream":`)+1:])
	})
	got = strings.Join(lines, "")
	const golden = "testdata/accesslog.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the log:\n%s\nwant:\n%s", got, want)
	}
}
