package health_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// options are how a cluster connects.
func options(t testing.TB) pool.Options {
	r := sock.NewReaper(5 * time.Millisecond)
	t.Cleanup(r.Close)
	return pool.Options{
		Connections: 8, ConnectTimeout: coretest.Patience, IdleTimeout: time.Minute, Reaper: r,
		Client: http1.ClientOptions{Head: 64 << 10, HeadCount: 64, Window: 32 << 10, BodyIdle: time.Minute, WriteIdle: time.Minute},
	}
}

// once is what the first check of addr says.
func once(t *testing.T, addr string, c health.Check) health.State {
	t.Helper()
	c.Interval, c.HealthyAfter, c.UnhealthyAfter = 100*time.Hour, 1, 3
	w := health.Watch(addr, &c, options(t), func(bool, error) {})
	defer w.Stop()
	coretest.Eventually(t, "a check has ended", func() bool { return w.State().Checks == 1 })
	return w.State()
}

// says is a service that reads a request's head and answers with each piece.
func says(pieces ...string) func(*coretest.Peer) {
	return func(p *coretest.Peer) {
		p.Head()
		for _, piece := range pieces {
			p.Say(piece)
		}
		p.Ended()
	}
}

// drips sends a byte now and then, for ever.
func drips(start, b string) func(*coretest.Peer) {
	return func(p *coretest.Peer) {
		if start != "" {
			p.Head()
			p.Say(start)
		}
		t := time.NewTicker(time.Millisecond)
		defer t.Stop()
		for range t.C {
			if _, err := p.Write([]byte(b)); err != nil {
				return
			}
		}
	}
}

func TestProbes(t *testing.T) {
	web, tcp, call := health.Check{Kind: health.HTTP, Path: "/healthz"}, health.Check{Kind: health.TCP, Send: "PING\r\n", Expect: "+PONG"}, health.Check{Kind: health.GRPC, Service: "shop.Orders"}
	listed := web
	listed.Statuses = []int{204, 503}
	const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
	const long, soon = coretest.Patience, 100 * time.Millisecond
	for _, c := range []struct {
		name    string
		check   health.Check
		timeout time.Duration
		serve   func(*coretest.Peer)
		want    string // in the error; "" is health
	}{
		{"http: well", web, long, says(ok), ""},
		{"http: well after interim responses", web, long, says("HTTP/1.1 103 Early Hints\r\n\r\n", ok), ""},
		{"http: redirect", web, long, says("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n"), "GET /healthz was answered 302, want 200 to 299"},
		{"http: 503", web, long, says("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n"), "answered 503"},
		{"http: a status that is listed", listed, long, says("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n"), ""},
		{"http: 200 is not listed", listed, long, says(ok), "answered 200, want [204 503]"},
		{"http: a huge body", web, long, says("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", strings.Repeat("x", 64<<10)), ""},
		{"http: a body without end", web, long, drips("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 512)), ""},
		{"http: a huge head", web, long, says("HTTP/1.1 200 OK\r\nx: " + strings.Repeat("y", 64<<10)), "larger than the limit"},
		{"http: garbage", web, long, says("SSH-2.0-OpenSSH_9.6\r\n\r\n"), "malformed status line"},
		{"http: nothing but interim responses", web, long, says(strings.Repeat("HTTP/1.1 103 X\r\n\r\n", 20)), "interim responses"},
		{"http: resets", web, long, func(p *coretest.Peer) { p.Head(); p.Reset() }, "upstream"},
		{"http: closes", web, long, func(p *coretest.Peer) { p.Head() }, "reading response"},
		{"http: hangs", web, soon, says(), "waiting for the upstream"},
		{"http: a head byte by byte", web, soon, drips("HTTP/1.1 200 OK\r\nx: ", "y"), "waiting for the upstream"},
		{"http: a body byte by byte", web, soon, drips("HTTP/1.1 200 OK\r\ncontent-length: 16000\r\n\r\n", "y"), "waiting for the upstream"},

		{"tcp: well", tcp, long, func(p *coretest.Peer) { p.Body(6); p.Say("+PO"); p.Say("NG\r\n"); p.Ended() }, ""},
		{"tcp: well, not at the beginning", tcp, long, func(p *coretest.Peer) { p.Say("hello\r\n+PONG"); p.Ended() }, ""},
		{"tcp: to connect is enough", health.Check{Kind: health.TCP}, long, func(p *coretest.Peer) { p.Ended() }, ""},
		{"tcp: another answer", tcp, long, func(p *coretest.Peer) { p.Body(6); p.Say("-ERR\r\n") }, "ended after 6 bytes without \"+PONG\""},
		{"tcp: a long answer", tcp, long, func(p *coretest.Peer) { p.Say(strings.Repeat("x", 8<<10)); p.Ended() }, "no \"+PONG\" in the first 4096 bytes"},
		{"tcp: hangs", tcp, soon, func(p *coretest.Peer) { p.Ended() }, "timeout"},
		{"tcp: byte by byte", tcp, soon, drips("", "x"), "timeout"},
		{"tcp: resets", tcp, long, func(p *coretest.Peer) { p.Body(6); p.Reset() }, "reset"},

		{"grpc: serving", call, long, answers("\x08\x01", "grpc-status: 0\r\n"), ""},
		{"grpc: serving, with fields that are not known", call, long, answers("\x12\x01x\x08\x01\x18\x05", "grpc-status: 0\r\n"), ""},
		{"grpc: not serving", call, long, answers("\x08\x02", "grpc-status: 0\r\n"), `service "shop.Orders" is not serving: status 2`},
		{"grpc: an empty message is UNKNOWN", call, long, answers("", "grpc-status: 0\r\n"), "is not serving: status 0"},
		{"grpc: no such service", call, long, answers("", "grpc-status: 5\r\ngrpc-message: unknown service\r\n"), `grpc-status "5", "unknown service"`},
		{"grpc: no status", call, long, answers("\x08\x01", ""), "no grpc-status"},
		{"grpc: broken message", call, long, answers("\x08", "grpc-status: 0\r\n"), "reading the answer"},
		{"grpc: trailers only", call, long, says("HTTP/1.1 200 OK\r\ngrpc-status: 12\r\ncontent-length: 0\r\n\r\n"), `grpc-status "12"`},
		{"grpc: not gRPC at all", call, long, says("HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n"), "HTTP status 404"},
		{"grpc: no message", call, long, says("HTTP/1.1 200 OK\r\ngrpc-status: 0\r\ncontent-length: 0\r\n\r\n"), "no message"},
		{"grpc: compressed", call, long, says("HTTP/1.1 200 OK\r\ngrpc-status: 0\r\ncontent-length: 5\r\n\r\n\x01\x00\x00\x00\x00"), "compressed"},
		{"grpc: a length that lies", call, long, says("HTTP/1.1 200 OK\r\ngrpc-status: 0\r\ncontent-length: 7\r\n\r\n\x00\xff\xff\xff\xff\x08\x01"), "4294967295 bytes in a body of 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			up := coretest.Script(t, c.serve)
			coretest.Unhurried(t, c.timeout, func(timeout time.Duration) error {
				c.check.Timeout = timeout
				s := once(t, up.Addr, c.check)
				if s.Healthy != (c.want == "") || c.want != "" && !strings.Contains(s.Err.Error(), c.want) {
					return fmt.Errorf("healthy %t, %v; want %q", s.Healthy, s.Err, c.want)
				}
				return nil
			})
		})
	}
}

// answers is a gRPC service over HTTP/1.1, with trailers.
func answers(message, trailers string) func(*coretest.Peer) {
	body := "\x00\x00\x00\x00" + string(rune(len(message))) + message
	return says("HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n" +
		string("0123456789abcdef"[len(body)]) + "\r\n" + body + "\r\n0\r\n" + trailers + "\r\n")
}

func TestRefusedConnection(t *testing.T) {
	for _, kind := range []string{health.HTTP, health.TCP, health.GRPC} {
		s := once(t, coretest.Refusing(t), health.Check{Kind: kind, Path: "/", Timeout: coretest.Patience})
		if s.Healthy || !strings.Contains(s.Err.Error(), "refused") {
			t.Errorf("%s: healthy %t, %v", kind, s.Healthy, s.Err)
		}
	}
}

// TestRequest shows what a service is asked.
func TestRequest(t *testing.T) {
	for want, c := range map[string]health.Check{
		"GET /healthz HTTP/1.1\r\nhost: ADDR\r\nuser-agent: weir-health\r\n\r\n":     {Kind: health.HTTP, Path: "/healthz"},
		"GET / HTTP/1.1\r\nhost: orders.internal\r\nuser-agent: weir-health\r\n\r\n": {Kind: health.HTTP, Path: "/", Host: "orders.internal"},
		"POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: orders\r\nuser-agent: weir-health\r\n" +
			"content-type: application/grpc\r\nte: trailers\r\nconnection: te\r\ncontent-length: 18\r\n\r\n\x00\x00\x00\x00\x0d\x0a\x0bshop.Orders": {Kind: health.GRPC, Service: "shop.Orders", Host: "orders"},
	} {
		got := make(chan string, 1)
		up := coretest.Script(t, func(p *coretest.Peer) {
			head := p.Head()
			if strings.Contains(head, "content-length: 18") {
				head += p.Body(18)
			}
			got <- head
		})
		c.Timeout = coretest.Patience
		once(t, up.Addr, c)
		if head := strings.ReplaceAll(<-got, up.Addr, "ADDR"); head != want {
			t.Errorf("asked\n%q, want\n%q", head, want)
		}
	}
}
