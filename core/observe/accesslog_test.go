package observe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/stream"
)

// fields are what filters added to a stream.
type fields [][2]string

func (f fields) EachProperty(prefix string, do func(path string, value []byte)) {
	for _, p := range f {
		if strings.HasPrefix(p[0], prefix) {
			do(p[0], []byte(p[1]))
		}
	}
}

func entry() *observe.Entry {
	r := &stream.RequestHead{
		Method: []byte("GET"), Scheme: []byte("https"), Authority: []byte("api.example.com"),
		Path: []byte("/orders?id=7"), Version: stream.HTTP11,
	}
	r.Headers.AddString("user-agent", "curl/8.5")
	r.Headers.AddString("x-request-id", "3f2a")
	return &observe.Entry{
		Info: &stream.Info{
			ID: 12, Conn: 3, Start: time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC),
			Source: netip.MustParseAddrPort("10.0.0.9:5123"), Client: netip.MustParseAddr("192.0.2.7"),
			Version: stream.HTTP11, Listener: "gateway", Node: "edge-1", Route: "orders", Cluster: "orders",
			Upstream: netip.MustParseAddrPort("[2001:db8::1]:9001"), RequestBytes: 10, ResponseBytes: 2048,
			Tries: 2, UpstreamTime: 1500 * time.Microsecond, Flags: stream.FlagUpstreamReset | stream.FlagFilterFailed,
			Details: "via_upstream",
			TLS:     &stream.TLSInfo{Version: "TLSv1.3", ServerName: "api.example.com", PeerSPIFFE: "spiffe://d/a"},
			Secured: &stream.TLSInfo{PeerSPIFFE: "spiffe://d/b"},
			Trace:   stream.TraceContext{Trace: stream.TraceID{0: 0xab, 15: 1}, Span: stream.SpanID{7: 0xcd}},
		},
		FailedBy: "upstream", Reason: "connect",
		Request: r, Status: 200, GRPC: grpc.NotFound, Duration: 1234567 * time.Nanosecond,
		Properties: fields{{"log.user", "ann"}, {"x", "hidden"}, {"log.plan", "a\nb"}},
	}
}

const golden = `{"time":"2026-03-04T05:06:07.089Z","node":"edge-1","listener":"gateway","conn":3,"stream":12,` +
	`"client":"192.0.2.7","source":"10.0.0.9:5123","method":"GET","scheme":"https","authority":"api.example.com",` +
	`"path":"/orders?id=7","protocol":"HTTP/1.1","status":200,"grpc_status":5,"flags":"UR,FF","failed_by":"upstream [2001:db8::1]:9001","reason":"connect","details":"via_upstream",` +
	`"route":"orders","cluster":"orders","upstream":"[2001:db8::1]:9001","tries":2,"request_bytes":10,` +
	`"response_bytes":2048,"duration_ms":1.234,"upstream_ms":1.500,"user_agent":"curl/8.5","request_id":"3f2a",` +
	`"trace_id":"ab000000000000000000000000000001","span_id":"00000000000000cd",` +
	`"tls_version":"TLSv1.3","tls_server_name":"api.example.com","source_identity":"spiffe://d/a","destination_identity":"spiffe://d/b",` +
	`"fields":{"user":"ann","plan":"a\nb"}}` + "\n"

// write logs entries into memory.
func write(t testing.TB, entries ...*observe.Entry) string {
	t.Helper()
	var out bytes.Buffer
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		a.Write(e)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if a.Dropped() != 0 || a.Lost() != 0 {
		t.Fatalf("%d dropped, %d lost", a.Dropped(), a.Lost())
	}
	return out.String()
}

func TestAccessLogLine(t *testing.T) {
	if got := write(t, entry()); got != golden {
		t.Errorf("got  %s\nwant %s", got, golden)
	}
	bare := &observe.Entry{Info: &stream.Info{}, Request: &stream.RequestHead{}, GRPC: grpc.None}
	want := `{"time":"0001-01-01T00:00:00.000Z","conn":0,"stream":0,"protocol":"HTTP/1.1","status":0,"tries":0,` +
		`"request_bytes":0,"response_bytes":0,"duration_ms":0.000,"upstream_ms":0.000}` + "\n"
	if got := write(t, bare); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAccessLogEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain/ü€😀":                `"plain/ü€😀"`,
		"\"\\\n\r\t":               `"\"\\\n\r\t"`,
		"\x00\x1b[31m\x7f":         `"\u0000\u001b[31m\u007f"`,
		"\u0085\u009b\u2028\u2029": `"\u0085\u009b\u2028\u2029"`,
		"a\xffb\xc3":               "\"a\ufffdb\ufffd\"",
		"\xed\xa0\x80":             "\"\ufffd\ufffd\ufffd\"",
	} {
		e := entry()
		e.Request.Path = []byte(in)
		if got := write(t, e); !strings.Contains(got, `"path":`+want+`,`) {
			t.Errorf("%q: no %s in %s", in, want, got)
		}
	}
}

func TestAccessLogCutsLongTexts(t *testing.T) {
	e := entry()
	e.Request.Path = bytes.Repeat([]byte("\x01"), 100_000)
	got := write(t, e)
	if len(got) > 30_000 || !strings.Contains(got, `\u0001…","protocol"`) || !json.Valid([]byte(got)) {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzAccessLogLine(f *testing.F) {
	f.Add("GET", "/a?b=c", "log.user", "ann")
	f.Add("\xff\xfe", "\"\\\x00\u2028", "log.", "\x1b]0;x\x07\u009d")
	f.Add("", "\xe2\x80", "log.a\"b", "\xf0\x9f\x98")
	f.Fuzz(func(t *testing.T, method, path, name, value string) {
		e := entry()
		e.Request.Method, e.Request.Path = []byte(method), []byte(path)
		e.Properties = fields{{name, value}, {"log.x", value}}
		got := write(t, e)
		if strings.Count(got, "\n") != 1 || !utf8.ValidString(got) {
			t.Fatalf("not one line of UTF-8: %q", got)
		}
		for _, r := range got[:len(got)-1] {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Fatalf("control character %U in %q", r, got)
			}
		}
		var line struct {
			Method, Path string
			Fields       map[string]string
		}
		if err := json.Unmarshal([]byte(got), &line); err != nil {
			t.Fatalf("%v in %q", err, got)
		}
		want := func(s string) string { return string([]rune(s)) } // each bad byte becomes U+FFFD
		if max(len(method), len(path), len(value)) > 4096 {
			return
		}
		if line.Method != want(method) || line.Path != want(path) || line.Fields["x"] != want(value) && name != "log.x" {
			t.Fatalf("%+v from %q, %q, %q", line, method, path, value)
		}
	})
}

// gate is a writer that waits to be let through.
type gate struct {
	entered chan struct{}
	pass    chan struct{}
	mu      sync.Mutex
	out     bytes.Buffer
}

func (g *gate) Write(p []byte) (int, error) {
	g.entered <- struct{}{}
	<-g.pass
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.out.Write(p)
}

func TestAccessLogDropsRatherThanWaits(t *testing.T) {
	g := &gate{make(chan struct{}, 10), make(chan struct{}), sync.Mutex{}, bytes.Buffer{}}
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: g, Buffer: 2000, Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for range 2 { // the second fills half of the buffer
		a.Write(entry())
		lines++
	}
	<-g.entered // the writer hangs now
	for range 10 {
		a.Write(entry())
		lines++
	}
	if a.Dropped() == 0 {
		t.Error("nothing dropped")
	}
	close(g.pass)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(g.out.String(), "\n"); got+int(a.Dropped()) != lines {
		t.Errorf("%d lines written and %d dropped of %d", got, a.Dropped(), lines)
	}
	a.Write(entry())
	if err := a.Close(); err != nil || a.Dropped() == 0 {
		t.Errorf("after the end: %v, %d dropped", err, a.Dropped())
	}
	if err := a.Reopen(); err == nil {
		t.Error("a closed log was opened again")
	}
}

type brokenDisk struct{ works bool }

func (d *brokenDisk) Write(p []byte) (int, error) {
	if d.works {
		return len(p), nil
	}
	return 0, errors.New("no space left on device")
}

func TestAccessLogTellsOfFailures(t *testing.T) {
	disk := &brokenDisk{}
	var told bytes.Buffer
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: disk, Flush: time.Hour, Log: slog.New(slog.NewTextHandler(&told, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		a.Write(entry())
		if i == 2 {
			disk.works = true
		}
		if err := a.Reopen(); err != nil { // flushes
			t.Fatal(err)
		}
	}
	a.Close()
	m := observe.NewMetrics("")
	if err := m.AccessLog(a); err != nil {
		t.Fatal(err)
	}
	expect(t, scrape(t, m), "weir_access_log_dropped_total 0", "weir_access_log_lost_total 2")
	if a.Lost() != 2 || strings.Count(told.String(), "level=ERROR") != 1 || strings.Count(told.String(), "level=INFO") != 1 {
		t.Errorf("%d lost, told:\n%s", a.Lost(), told.String())
	}
}

func TestAccessLogFollowsRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Path: path, Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	a.Write(entry())
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := a.Reopen(); err != nil {
		t.Fatal(err)
	}
	a.Write(entry())
	a.Write(entry())
	if err := os.Rename(filepath.Dir(path), filepath.Dir(path)+"x"); err != nil {
		t.Fatal(err)
	}
	if err := a.Reopen(); err == nil {
		t.Error("opened in a folder that is not there")
	}
	os.Rename(filepath.Dir(path)+"x", filepath.Dir(path))
	a.Write(entry())
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{path + ".1": 1, path: 3} {
		b, err := os.ReadFile(name)
		if err != nil || strings.Count(string(b), golden) != want {
			t.Errorf("%s: %v, want %d lines, got %q", name, err, want, b)
		}
	}
	if _, err := observe.OpenAccessLog(observe.AccessLogOptions{Path: filepath.Join(path, "x")}); err == nil {
		t.Error("opened a file in a file")
	}
}

func TestHammerAccessLog(t *testing.T) {
	var out bytes.Buffer
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: &out, Buffer: 64 << 10, Flush: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			e := entry()
			for i := range 100 {
				a.Write(e)
				if i == 50 {
					a.Reopen()
				}
			}
		})
	}
	all.Wait()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), golden); got+int(a.Dropped()) != 6400 || got*len(golden) != out.Len() {
		t.Errorf("%d whole lines, %d dropped of 6400", got, a.Dropped())
	}
}
