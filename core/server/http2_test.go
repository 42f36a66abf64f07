package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// over2 is a client that speaks HTTP/2 in clear, with prior knowledge.
func over2(t *testing.T) *http.Client {
	t.Helper()
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// exchange sends a request and wants an answer, whose body is read to its end.
func exchange(t *testing.T, c *http.Client, method, url string, body io.Reader, fields ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: reading the answer: %v", method, url, err)
	}
	return resp, string(b)
}

// reflect answers with what it was asked.
func reflect(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Trailer", "X-Sum")
	w.Header().Set("X-Seen", fmt.Sprintf("%s %s host=%s cookie=%q te=%q trailer=%q proto=%s len=%d",
		r.Method, r.URL, r.Host, r.Header.Get("Cookie"), r.Header.Get("Te"), r.Trailer.Get("X-T"), r.Proto, r.ContentLength))
	_, _ = w.Write(body)
	w.Header().Set("X-Sum", fmt.Sprint(len(body)))
}

func TestHTTP2Requests(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(reflect)).Addr))
	c, at := over2(t), "http://"+p.Addr("gateway")
	big := strings.Repeat("0123456789", 300_000)
	for _, o := range []struct {
		name, method, path string
		body               io.Reader
		fields             []string
		seen, answer       string
	}{
		{"plain", "GET", "/a?b=c", nil, nil, "GET /a?b=c host=", ""},
		{"crumbs of a cookie", "GET", "/", nil, []string{"Cookie", "a=1; b=2", "Cookie", "c=3"}, `cookie="a=1; b=2; c=3"`, ""},
		{"a body of known length", "POST", "/", strings.NewReader("hello"), nil, "len=5", "hello"},
		{"a body of unknown length", "PUT", "/", io.MultiReader(strings.NewReader("hel"), strings.NewReader("lo")), nil, "PUT / ", "hello"},
		{"a body larger than all windows", "POST", "/", bytes.NewReader([]byte(big)), nil, "len=3000000", big},
		{"dots", "GET", "/x/../y", nil, nil, "GET /y ", ""},
	} {
		t.Run(o.name, func(t *testing.T) {
			r, body := exchange(t, c, o.method, at+o.path, o.body, o.fields...)
			if r.ProtoMajor != 2 || r.StatusCode != 200 || body != o.answer {
				t.Errorf("%s %d, %d bytes of body, want %d", r.Proto, r.StatusCode, len(body), len(o.answer))
			}
			if seen := r.Header.Get("X-Seen"); !strings.Contains(seen, o.seen) || !strings.Contains(seen, "proto=HTTP/1.1") {
				t.Errorf("upstream saw %s, want %s", seen, o.seen)
			}
			if got := r.Trailer.Get("X-Sum"); got != fmt.Sprint(len(o.answer)) {
				t.Errorf("trailer x-sum: %q", got)
			}
		})
	}
}

func TestHTTP2StatusesWithoutBody(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/304":
			w.Header().Set("Etag", `"x"`)
			w.WriteHeader(304)
		default:
			fmt.Fprint(w, "12345")
		}
	})).Addr))
	c, at := over2(t), "http://"+p.Addr("gateway")
	for _, o := range []struct {
		method, path string
		status       int
		length       int64
	}{{"GET", "/204", 204, 0}, {"GET", "/304", 304, 0}, {"HEAD", "/", 200, 5}, {"GET", "/", 200, 5}} {
		r, _ := exchange(t, c, o.method, at+o.path, nil)
		if r.StatusCode != o.status || r.ContentLength != o.length {
			t.Errorf("%s %s: %d, length %d, want %d, %d", o.method, o.path, r.StatusCode, r.ContentLength, o.status, o.length)
		}
	}
}

func TestHTTP2Interim(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(103)
		fmt.Fprint(w, "done")
	})).Addr))
	hints := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if code == 103 && h.Get("Link") != "" {
			hints++
		}
		return nil
	}})
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+p.Addr("gateway"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := over2(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if hints != 1 {
		t.Errorf("%d early hints came through, want 1", hints)
	}
}

// Our own answers, and bounds, are those of HTTP/1.
func TestHTTP2LocalReplies(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Refusing(t), `max_body = "10B"`))
	c, at := over2(t), "http://"+p.Addr("gateway")
	if r, _ := exchange(t, c, "GET", at, nil); r.StatusCode != 503 && r.StatusCode != 502 {
		t.Errorf("an upstream that refuses: %d", r.StatusCode)
	}
	if r, _ := exchange(t, c, "POST", at, strings.NewReader("more than ten bytes")); r.StatusCode != 413 {
		t.Errorf("too large a body: %d, want 413", r.StatusCode)
	}
	if r, _ := exchange(t, c, "GET", at+"/%2f", nil); r.StatusCode != 400 {
		t.Errorf("a path that is refused: %d, want 400", r.StatusCode)
	}
	if r, _ := exchange(t, c, "GET", at, nil, strings.Split(strings.Repeat("X-Many,1,", 101)+"Last,1", ",")...); r.StatusCode != 431 {
		t.Errorf("too many fields: %d, want 431", r.StatusCode)
	}
}

// A stream that its client resets ends upstream too, while others of its
// connection go on.
func TestHTTP2Cancel(t *testing.T) {
	ended := make(chan bool, 1)
	began := make(chan bool, 1)
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			began <- true
			<-r.Context().Done()
			ended <- true
			return
		}
		fmt.Fprint(w, "fine")
	})).Addr))
	c, at := over2(t), "http://"+p.Addr("gateway")
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", at+"/wait", nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.Do(r)
		done <- err
	}()
	<-began
	cancel()
	if err := <-done; err == nil {
		t.Error("a cancelled request succeeded")
	}
	<-ended
	if _, body := exchange(t, c, "GET", at, nil); body != "fine" {
		t.Errorf("another stream got %q", body)
	}
}

// Streams of one connection run at once, more than may be open wait.
func TestHTTP2ManyStreams(t *testing.T) {
	var now, most atomic.Int64
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		body, _ := io.ReadAll(r.Body)
		now.Add(-1)
		_, _ = w.Write(body)
	})).Addr, "[limits]\nstreams = 20"))
	c, at := over2(t), "http://"+p.Addr("gateway")
	var conns atomic.Int64 // a client opens more of them instead of waiting
	c.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns.Add(1)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			want := strings.Repeat(fmt.Sprintf("%d,", i), 1+i*37)
			if _, body := exchange(t, c, "POST", at, strings.NewReader(want)); body != want {
				t.Errorf("request %d: %d bytes back, want %d", i, len(body), len(want))
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > 20*conns.Load() {
		t.Errorf("%d requests at once, with at most 20 streams on each of %d connections", n, conns.Load())
	}
}

// A reload is not seen, a drain lets what is under way end and says GOAWAY.
func TestHTTP2ReloadAndDrain(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			began <- true
			<-release
		}
		fmt.Fprint(w, "done")
	}))
	listens := coretest.Refusing(t)
	p := coretest.Proxy(t, coretest.GatewayAt(listens, up.Addr, "[timeouts]\ndrain = \"30s\""))
	c, at := over2(t), "http://"+listens
	slow := make(chan string)
	go func() {
		_, body := exchange(t, c, "GET", at+"/slow", nil)
		slow <- body
	}()
	<-began
	if r := p.Admin("POST", "/reload"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	if _, body := exchange(t, c, "GET", at, nil); body != "done" {
		t.Errorf("after a reload: %q", body)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Stop() }()
	coretest.Eventually(t, "the port is closed", func() bool {
		conn, err := net.Dial("tcp", listens)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(release)
	if body := <-slow; body != "done" {
		t.Errorf("a stream under way while draining got %q", body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// The body of a response that nobody reads is not taken off the upstream
// beyond what the windows hold, and costs the other streams nothing.
func TestHTTP2SlowReader(t *testing.T) {
	var wrote atomic.Int64
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/endless" {
			fmt.Fprint(w, "quick")
			return
		}
		piece := make([]byte, 64<<10)
		for r.Context().Err() == nil && wrote.Load() < 1<<30 {
			n, err := w.Write(piece)
			wrote.Add(int64(n))
			if err != nil {
				return
			}
		}
	})).Addr))
	c, at := over2(t), "http://"+p.Addr("gateway")
	r, err := c.Get(at + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	for range 200 {
		if _, body := exchange(t, c, "GET", at+"/", nil); body != "quick" {
			t.Fatalf("beside a slow reader: %q", body)
		}
	}
	const most = 64 << 20 // the client's own window of 4 MiB, and the kernel's buffers
	if n := wrote.Load(); n > most {
		t.Errorf("the upstream wrote %d bytes that nobody reads", n)
	}
}
