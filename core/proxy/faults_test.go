package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

func TestUpstreamFaults(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name   string
		script func(p *coretest.Peer)
		status int
	}{
		{"closes before a byte", func(p *coretest.Peer) { p.Head() }, 502},
		{"resets before a byte", func(p *coretest.Peer) { p.Head(); p.Reset() }, 502},
		{"closes in the head", func(p *coretest.Peer) { p.Head(); p.Say(ok + "Conten") }, 502},
		{"no status line", func(p *coretest.Peer) { p.Head(); p.Say("hello\r\n\r\n") }, 502},
		{"HTTP/0.9", func(p *coretest.Peer) { p.Head(); p.Say("<html>\n") }, 502},
		{"two lengths", func(p *coretest.Peer) { p.Head(); p.Say(ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx") }, 502},
		{"length and chunked", func(p *coretest.Peer) {
			p.Head()
			p.Say(ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
		}, 502},
		{"unknown coding", func(p *coretest.Peer) { p.Head(); p.Say(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n") }, 502},
		{"space before colon", func(p *coretest.Peer) { p.Head(); p.Say(ok + "Content-Length : 1\r\n\r\nx") }, 502},
		{"folded line", func(p *coretest.Peer) { p.Head(); p.Say(ok + "A: b\r\n c\r\nContent-Length: 0\r\n\r\n") }, 502},
		{"bare LF", func(p *coretest.Peer) { p.Head(); p.Say("HTTP/1.1 200 OK\nContent-Length: 0\n\n") }, 502},
		{"status of two digits", func(p *coretest.Peer) { p.Head(); p.Say("HTTP/1.1 20 OK\r\n\r\n") }, 502},
		{"head too large", func(p *coretest.Peer) {
			p.Head()
			p.Say(ok + strings.Repeat("X-Filler: "+strings.Repeat("y", 1000)+"\r\n", 100) + "\r\n")
		}, 502},
		{"too many fields", func(p *coretest.Peer) { p.Head(); p.Say(ok + strings.Repeat("A: b\r\n", 10000) + "\r\n") }, 502},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			up := coretest.Script(t, tt.script)
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[trust]\nreason = true"))
			c := coretest.Dial(t, p.Addr("gateway"))
			for range 2 { // the client's connection is no worse for it
				c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
				r := c.Read("POST")
				if r.Status != tt.status || r.Header.Get("X-Weir-Reason") == "" {
					t.Fatalf("%+v, want %d", r, tt.status)
				}
				if strings.Contains(r.Body, up.Addr) {
					t.Errorf("the answer tells the upstream's address: %q", r.Body)
				}
			}
		})
	}
}

// TestResponseCutShort is a response that ends before its framing says so: the
// client must not take it for whole, and nobody may use the connection again.
func TestResponseCutShort(t *testing.T) {
	for name, head := range map[string]string{
		"length":  "Content-Length: 100\r\n\r\nhalf",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"garbage": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalfXX",
	} {
		t.Run(name, func(t *testing.T) {
			up := coretest.Script(t, func(p *coretest.Peer) {
				p.Head()
				p.Say("HTTP/1.1 200 OK\r\n" + head)
			})
			p := coretest.Proxy(t, coretest.Gateway(up.Addr))
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			r, err := c.TryRead("GET")
			if err == nil && r.Err == nil && r.Status == 200 {
				t.Fatalf("the client took it for whole: %+v", r)
			}
			if r.Status != 502 && !c.Closed() {
				t.Error("the connection stayed")
			}
		})
	}
}

// TestBytesBehindAResponse must not become the next request's answer.
func TestBytesBehindAResponse(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	evil := answer + "ok" + answer + "no"
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say(evil)
		p.Ended()
	}, func(p *coretest.Peer) {
		for p.Head() != "" {
			p.Say(answer + "ok")
		}
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 3 {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if r := c.Read("GET"); r.Body != "ok" {
			t.Fatalf("%+v", r)
		}
	}
	if up.Connections() != 2 {
		t.Errorf("%d connections, want 2", up.Connections())
	}
}

// TestUnaskedBytes come while the connection waits in the pool.
func TestUnaskedBytes(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	poison := make(chan bool)
	poisoned := make(chan bool)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say(answer + "ok")
		<-poison
		p.Say(answer + "no")
		close(poisoned)
		p.Ended()
	}, func(p *coretest.Peer) {
		for p.Head() != "" {
			p.Say(answer + "ok")
		}
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	c.Read("POST")
	close(poison)
	<-poisoned
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	if r := c.Read("POST"); r.Body != "ok" {
		t.Fatalf("the client was given what nobody had asked for: %+v", r)
	}
}

// TestStaleConnection is one that its upstream closed while it was idle: no
// request may fail by that, not even one that cannot be repeated.
func TestStaleConnection(t *testing.T) {
	closed := make(chan bool, 1)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		_ = p.Close()
		closed <- true
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 20 {
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
		if r := c.Read("POST"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		<-closed
	}
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name, request string
		attempts      int64
		status        int
	}{
		{"GET is tried again", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 2, 200},
		{"PUT is tried again with its body", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 2, 200},
		{"POST may have been processed", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 1, 502},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var attempts atomic.Int64
			answer := func(p *coretest.Peer) {
				attempts.Add(1)
				head := p.Head()
				body := ""
				if strings.Contains(head, "content-length: 3") {
					body = p.Body(3)
				}
				p.Say(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
				p.Ended()
			}
			up := coretest.Script(t, func(p *coretest.Peer) { attempts.Add(1); p.Head() }, answer)
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, "retries = { max = 1 }"))
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send(tt.request)
			r := c.Read("GET")
			if r.Status != tt.status || attempts.Load() != tt.attempts {
				t.Fatalf("%d after %d attempts, want %d after %d", r.Status, attempts.Load(), tt.status, tt.attempts)
			}
			if strings.HasPrefix(tt.request, "PUT") && r.Body != "abc" {
				t.Errorf("the second attempt had the body %q", r.Body)
			}
		})
	}
}

func TestConnectFailureGoesToAnotherEndpoint(t *testing.T) {
	up := coretest.Serve(t, echo)
	toml := coretest.Gateway(coretest.Refusing(t), "retries = { max = 2, back_off = \"1ms\" }")
	toml = strings.Replace(toml, "endpoints = [", "balance = \"round_robin\"\nretry_budget = 1.0\nendpoints = [\""+up.Addr+"\", ", 1)
	p := coretest.Proxy(t, toml)
	for range 10 {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
		if r := c.Read("POST"); r.Status != 200 || r.Body != "abc" {
			t.Fatalf("%+v", r)
		}
	}
}

func TestConnectRefused(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Refusing(t)))
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 502 {
		t.Errorf("%d, want 502", r.Status)
	}
}

func TestRetryOnStatus(t *testing.T) {
	var n atomic.Int64
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 1 {
			w.WriteHeader(503)
			return
		}
		fmt.Fprint(w, "second")
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `retries = { max = 1, on_status = [503] }`))
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "second" {
		t.Errorf("%+v", r)
	}
}

func TestUpstreamTimeouts(t *testing.T) {
	for name, route := range map[string]string{
		"whole response": `timeout = "100ms"`,
		"per try":        "per_try = \"50ms\"\nretries = { max = 1, back_off = \"1ms\" }",
	} {
		t.Run(name, func(t *testing.T) {
			up := coretest.Script(t, func(p *coretest.Peer) { p.Head(); p.Ended() })
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, route))
			c := coretest.Dial(t, p.Addr("gateway"))
			for range 2 {
				c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				if r := c.Read("GET"); r.Status != 504 {
					t.Fatalf("%+v, want 504", r)
				}
			}
		})
	}
}

// TestTruncatedUpload must not reach the upstream as a whole request.
func TestTruncatedUpload(t *testing.T) {
	for name, head := range map[string]string{
		"length":  "Content-Length: 100\r\n\r\nhalf",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			saw := make(chan error, 1)
			up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				saw <- err
			}))
			p := coretest.Proxy(t, coretest.Gateway(up.Addr))
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("POST / HTTP/1.1\r\nHost: a\r\n" + head)
			c.HalfClose()
			if err := <-saw; err == nil {
				t.Error("the upstream took a cut upload for a whole one")
			}
		})
	}
}

// TestClientGone ends the upstream's work for a client that is not there any
// more.
func TestClientGone(t *testing.T) {
	began, ended := make(chan bool), make(chan bool)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		close(began)
		p.Ended()
		close(ended)
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	c.Reset()
	<-ended
}
