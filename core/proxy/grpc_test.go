package proxy_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/grpc"
)

// call is the head and body of a unary call over HTTP/1.1: gRPC's messages
// and trailers are no different there.
func call(fields ...string) string {
	return "POST /s/M HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nTE: trailers\r\nContent-Length: 5\r\n" +
		strings.Join(append(fields, ""), "\r\n") + "\r\n\x00\x00\x00\x00\x00"
}

// status is a response's status in gRPC, wherever it stands, and its message.
func status(r coretest.Response) string {
	code := r.Trailer.Get("Grpc-Status") + r.Header.Get("Grpc-Status")
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Status, code, r.Header.Get("Grpc-Message")))
}

// TestOwnAnswersToCalls are in gRPC's words whatever went wrong.
func TestOwnAnswersToCalls(t *testing.T) {
	ok := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	p := coretest.Proxy(t, strings.Replace(coretest.Gateway(ok.Addr, "max_body = \"4B\""), "path_prefix", "path", 1)+fmt.Sprintf(`
[[routes]]
name = "dead"
match = { path = "/s/M" }
cluster = "dead"
[clusters.dead]
endpoints = [%q]
`, coretest.Refusing(t)))
	for _, c := range []struct{ path, want string }{
		{"/nowhere", "200 12 Not Found"},
		{"/s/M", "200 14 Bad Gateway"},
		{"/", "200 8 Request Entity Too Large"},
	} {
		client := coretest.Dial(t, p.Addr("gateway"))
		client.Send(strings.Replace(call(), "/s/M", c.path, 1))
		r := client.Read("POST")
		if got := status(r); got != c.want || r.Header.Get("Content-Type") != "application/grpc" || r.Body != "" {
			t.Errorf("%s: %q, want %q: %+v", c.path, got, c.want, r)
		}
	}
	client := coretest.Dial(t, p.Addr("gateway"))
	client.Send(call("Grpc-Timeout: 1h"))
	if got := status(client.Read("POST")); got != "200 13 Bad Request" {
		t.Errorf("a time-out that is none: %q", got)
	}
}

// TestDeadline: a call whose time is over is answered by us, however long its
// route would wait.
func TestDeadline(t *testing.T) {
	up, heads := silent(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `timeout = "1h"`))
	c := coretest.Dial(t, p.Addr("gateway"))
	calls := 1.0
	c.Send(call("Grpc-Timeout: 0n"))
	if got := status(c.Read("POST")); got != "200 4 Gateway Timeout" || len(heads) > 0 {
		t.Errorf("no time at all: %q, %d requests upstream", got, len(heads))
	}
	for range 2 { // the client's connection is no worse for it
		coretest.Unhurried(t, 400*time.Millisecond, func(all time.Duration) error {
			calls++
			c.Send(call(fmt.Sprintf("Grpc-Timeout: %dm", all.Milliseconds())))
			return late(t, c, heads, all)
		})
	}
	coretest.Eventually(t, "all are counted as late", func() bool {
		return p.Metric(`weir_route_grpc_calls_total{grpc_status="deadline-exceeded",route="all"}`) == calls
	})
	if n := p.Metric(`weir_cluster_failures_total{cluster="up",reason="upstream_timeout"}`); n != 0 {
		t.Errorf("%v failures are the upstream's, who had no time", n)
	}
}

// silent is an upstream that tells each head it is sent, and never answers.
func silent(t *testing.T) (up *coretest.Upstream, heads chan string) {
	heads = make(chan string, 16)
	up = coretest.Script(t, func(p *coretest.Peer) {
		if head := p.Head(); head != "" {
			heads <- head
		}
		p.Ended()
	})
	return up, heads
}

// TestRouteShortensTimeout: what goes upstream is the shorter of both.
func TestRouteShortensTimeout(t *testing.T) {
	up, heads := silent(t)
	coretest.Unhurried(t, 300*time.Millisecond, func(all time.Duration) error {
		p := coretest.Proxy(t, coretest.Gateway(up.Addr, fmt.Sprintf("timeout = %q", all)))
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send(call("Grpc-Timeout: 99999999H"))
		return late(t, c, heads, all)
	})
}

// late reads the answer of an upstream that let all the time pass that it was given. Its
// error is that the time was over before the upstream was asked.
func late(t *testing.T, c *coretest.Client, heads <-chan string, all time.Duration) error {
	t.Helper()
	if got := status(c.Read("POST")); got != "200 4 Gateway Timeout" {
		t.Fatalf("%q", got)
	}
	select {
	case head := <-heads:
		if left := timeout(t, head); left <= 0 || left > all {
			t.Errorf("the upstream was given %v of %v", left, all)
		}
		return nil
	case <-time.After(all):
		return errors.New("the upstream was not asked")
	}
}

// timeout is what a head grants.
func timeout(t *testing.T, head string) time.Duration {
	t.Helper()
	_, v, ok := strings.Cut(head, "\r\ngrpc-timeout: ")
	v, _, _ = strings.Cut(v, "\r\n")
	d, valid := grpc.ParseTimeout([]byte(v))
	if !ok || !valid || strings.Count(head, "grpc-timeout") != 1 {
		t.Fatalf("no grpc-timeout in %q", head)
	}
	return d
}

// TestRetriesOfCalls: a status in a head that is all there is may be tried
// again; nothing else may.
func TestRetriesOfCalls(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
	only := func(code string) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nGrpc-Status: " + code + "\r\nContent-Length: 0\r\n\r\n"
	}
	for _, c := range []struct {
		name, first, want string
		tries             int64
	}{
		{"unavailable", only("14"), "200 0", 2},
		{"not listed", only("13"), "200 13", 1},
		{"fine", only("0"), "200 0", 1},
		{"in trailers", chunked + "5\r\n\x00\x00\x00\x00\x00\r\n0\r\nGrpc-Status: 14\r\n\r\n", "200 14", 1},
		{"HTTP 503", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy", "200 0", 2},
		{"HTTP 404", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "404", 1},
		{"HTTP 503 with a status", "HTTP/1.1 503 Service Unavailable\r\nGrpc-Status: 5\r\nContent-Length: 0\r\n\r\n", "503 5", 1},
		{"cut off", "", "200 14 Bad Gateway", 1}, // it may have been done
	} {
		t.Run(c.name, func(t *testing.T) {
			var tries atomic.Int64
			up := coretest.Script(t, func(p *coretest.Peer) {
				for p.Head() != "" {
					p.Body(5)
					if tries.Add(1) > 1 {
						p.Say(only("0"))
						continue
					}
					if p.Say(c.first); c.first == "" {
						return
					}
				}
			})
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, `retries = { max = 1, on_grpc = ["unavailable"], on_status = [503], back_off = "1ms" }`))
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send(call())
			if got := status(client.Read("POST")); got != c.want || tries.Load() != c.tries {
				t.Errorf("%q in %d tries, want %q in %d", got, tries.Load(), c.want, c.tries)
			}
			// What was tried again speaks against its endpoint all the same.
			if n := p.Metric(fmt.Sprintf(`weir_endpoint_faults_total{cluster="up",endpoint=%q}`, up.Addr)); n == 0 && c.tries > 1 {
				t.Error("the endpoint is not blamed")
			}
		})
	}
}

// TestRetriedCallsAreNotGRPC: without gRPC's type a status is a field like any other.
func TestRetriedCallsAreNotGRPC(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Grpc-Status", "14") }))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `retries = { on_grpc = ["unavailable"] }`))
	client := coretest.Dial(t, p.Addr("gateway"))
	client.Send(strings.Replace(call(), "application/grpc", "application/grpc-web", 1))
	client.Read("POST")
	if n := p.Metric(`weir_cluster_requests_total{cluster="up"}`); n != 1 { // counted before it is answered
		t.Errorf("%v attempts", n)
	}
}
