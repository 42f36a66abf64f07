package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// overHTTP2 is a gateway before an upstream that speaks HTTP/2 alone.
func overHTTP2(t *testing.T, up *coretest.Upstream, keys ...string) *coretest.Running {
	t.Helper()
	cluster := "protocol = \"http2\"\n"
	for _, k := range keys {
		cluster += k + "\n"
	}
	return coretest.Proxy(t, coretest.Gateway(up.Addr)+cluster)
}

// What clients of HTTP/1.1 ask arrives over HTTP/2, and its answer comes back.
func TestHTTP2Upstream(t *testing.T) {
	big := strings.Repeat("0123456789", 100_000)
	up := coretest.ServeHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-got", fmt.Sprint(r.Proto, " ", r.Method, " ", r.Host, " ", r.URL, " ", r.ContentLength, " ", r.Header["Cookie"], r.Header["Te"], r.Header["Connection"], r.Header["X-Hop"]))
		switch r.URL.Path {
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/hints":
			w.Header().Set("link", "</a>")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "ok")
		case "/big":
			_, _ = io.WriteString(w, big)
		case "/trailers":
			w.Header().Set("trailer", "x-sum")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("x-sum", "42")
		default:
			_, _ = io.Copy(w, r.Body)
		}
	}))
	p := overHTTP2(t, up)
	for _, c := range []struct {
		name, send, method, body, got string
		status                        int
	}{
		{"get", "GET /a?b HTTP/1.1\r\nHost: x.example\r\nCookie: a=1; b=2\r\n\r\n", "GET", "", "HTTP/2.0 GET x.example /a?b 0 [a=1; b=2] [] [] []", 200},
		{"post", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "POST", "hello", "HTTP/2.0 POST x / 5 [] [] [] []", 200},
		{"chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "POST", "hello", "", 200},
		{"hop by hop", "GET / HTTP/1.1\r\nHost: x\r\nConnection: x-hop, te\r\nX-Hop: 1\r\nTE: trailers\r\n\r\n", "GET", "", "HTTP/2.0 GET x / 0 [] [trailers] [] []", 200},
		{"expect", "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok", "POST", "ok", "HTTP/2.0 POST x / 2 [] [] [] []", 200},
		{"head", "HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD", "", "HTTP/2.0 HEAD x /big 0 [] [] [] []", 200},
		{"no content", "GET /empty HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "", "", 204},
		{"early hints", "GET /hints HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "ok", "", 200},
		{"big", "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", "GET", big, "", 200},
		{"trailers", "GET /trailers HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n", "GET", "body", "", 200},
	} {
		client := coretest.Dial(t, p.Addr("gateway"))
		client.Send(c.send)
		r := client.Read(c.method)
		for r.Status < 200 {
			r = client.Read(c.method)
		}
		if r.Status != c.status || r.Body != c.body || r.Err != nil {
			t.Errorf("%s: status %d, body %.40q, %v", c.name, r.Status, r.Body, r.Err)
		}
		if got := r.Header.Get("x-got"); c.got != "" && got != c.got {
			t.Errorf("%s: the upstream got\n%s, want\n%s", c.name, got, c.got)
		}
		if c.name == "trailers" && r.Trailer.Get("x-sum") != "42" {
			t.Errorf("trailers %v", r.Trailer)
		}
	}
	if n := up.Connections(); n != 1 {
		t.Errorf("%d connections to the upstream, want one", n)
	}
}

// Requests that come at once share a connection, up to its bound.
func TestHTTP2UpstreamShares(t *testing.T) {
	const clients = 40
	for streams, want := range map[int]int{100: 1, 10: 4} {
		var arrived sync.WaitGroup
		arrived.Add(clients)
		up := coretest.ServeHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived.Done()
			arrived.Wait()
			_, _ = io.WriteString(w, "ok")
		}))
		p := overHTTP2(t, up, fmt.Sprint("streams = ", streams))
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				client := coretest.Dial(t, p.Addr("gateway"))
				client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				if r := client.Read("GET"); r.Status != 200 || r.Body != "ok" {
					t.Errorf("%d %q", r.Status, r.Body)
				}
			})
		}
		all.Wait()
		if n := up.Connections(); n != want {
			t.Errorf("%d streams a connection: %d connections, want %d", streams, n, want)
		}
	}
}

// An endpoint that speaks HTTP/1.1 alone is told apart, and the log names the remedy.
func TestHTTP2UpstreamThatIsNone(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[log]\nlevel = \"debug\"")+"protocol = \"http2\"\n")
	client := coretest.Dial(t, p.Addr("gateway"))
	client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if r := client.Read("GET"); r.Status != 502 {
		t.Errorf("status %d", r.Status)
	}
	coretest.Eventually(t, "the log tells", func() bool { return p.Log.Has("does not begin HTTP/2") })
}
