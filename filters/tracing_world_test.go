package filters_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

func readFile(t *testing.T, p *coretest.Running, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(filepath.Dir(p.File), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const strangers = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// TestWhoIsHeededAtTheEdge: a stranger's trace is linked to, that of a trusted proxy
// gone on with.
func TestWhoIsHeededAtTheEdge(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, c := range map[string]struct {
		rest string
		ours bool
	}{"a stranger": {"", true}, "a proxy of ours": {"[trust]\nproxies = [\"127.0.0.0/8\"]", false}} {
		t.Run(name, func(t *testing.T) {
			r := otlptest.Listen(t)
			p := traced(t, r, []string{up.Addr}, "", nil, c.rest)
			coretest.Get(t, p.Addr("gateway"), "/", strangers, "tracestate: a=1")
			s := awaitTree(t, r, "GET orders\n  GET up\n")["GET orders"]
			fresh := s.Trace() != "0af7651916cd43dd8448eb211c80319c"
			if fresh != c.ours || (len(s.Links) == 1) != c.ours || (s.Parent() == "b7ad6b7169203331") == c.ours || (s.TraceState == "a=1") == c.ours {
				t.Errorf("%v", s.Span)
			}
		})
	}
}

// TestWhatIsNotRecorded is passed on all the same.
func TestWhatIsNotRecorded(t *testing.T) {
	told := make(chan http.Header, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { told <- q.Header }))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "sample = 0, parent = \"all\"", nil)
	coretest.Get(t, p.Addr("gateway"), "/")
	if got := (<-told).Get("Traceparent"); len(got) != 55 || !strings.HasSuffix(got, "-00") {
		t.Errorf("the upstream is told %q", got)
	}
	dropped := strings.TrimSuffix(strangers, "1") + "0"
	coretest.Get(t, p.Addr("gateway"), "/", dropped, "b3: 1")
	if h := <-told; "traceparent: "+h.Get("Traceparent") != dropped || h.Get("B3") != "" {
		t.Errorf("the upstream is told %v", h)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Requests()); n != 0 {
		t.Errorf("%d requests came to the receiver", n)
	}
}

// TestAReceiverInTrouble costs spans alone.
func TestAReceiverInTrouble(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, answer := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) },
		"hangs":   func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() },
		"babbles": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 8<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := otlptest.Listen(t)
			r.Answer(answer)
			// What cannot be sent at the end must not hold it up for long.
			p := runFile(t, strings.Replace(tracedFile(r, []string{up.Addr}, "per_second = 0", nil), "[timeouts]", "[timeouts]\ndrain = \"1s\"", 1))
			for range 200 {
				if got := coretest.Get(t, p.Addr("gateway"), "/"); got.Status != 200 {
					t.Fatalf("answered %d", got.Status)
				}
			}
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTheEndSendsWhatWaits: the last requests' spans are not lost.
func TestTheEndSendsWhatWaits(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "", nil)
	for range 20 {
		coretest.Get(t, p.Addr("gateway"), "/")
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Spans()); n != 40 {
		t.Errorf("%d spans of 20 requests came", n)
	}
}

// TestAHostileRequest can neither break a batch nor its log.
func TestAHostileRequest(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "query = true, tags = { t = \"{header:x-tenant}\" }, read = [\"w3c\", \"b3\", \"b3multi\"], parent = \"all\"", nil)
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("BREW /a?x=%FF HTTP/1.1\r\nHost: test:80\r\nx-tenant: \xc3\x28\r\nuser-agent: " + strings.Repeat("\xe9", 4000) +
		"\r\ntraceparent: 00-\r\nb3: " + strings.Repeat("a", 500) + "\r\ntracestate: " + strings.Repeat(",", 4000) + "\r\n\r\n")
	if got := c.Read("BREW"); got.Status != 200 {
		t.Fatalf("answered %d", got.Status)
	}
	s := awaitTree(t, r, "HTTP orders\n  HTTP up\n")["HTTP orders"]
	has(t, s, map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "BREW", "t": "\ufffd(", "user_agent.original": strings.Repeat("\ufffd", 682), "server.port": int64(80)})
}
