package proxywasm_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// ending traces what a stream's context is told at its end.
func ending() *script {
	s := newScript()
	s.trace = true
	return s.on("on_log").on("on_done").on("on_delete")
}

// TestWireEnds: however a stream ends, its context hears of it once.
func TestWireEnds(t *testing.T) {
	ends := []string{"on_log(2)", "on_done(2)", "on_delete(2)"}
	check := func(t *testing.T, p *coretest.Running) {
		t.Helper()
		coretest.Eventually(t, "the stream ends", func() bool { return slices.Contains(guestLines(p), "on_delete(2)") })
		p.Admin("GET", "/readyz")
		got := slices.DeleteFunc(guestLines(p), func(l string) bool { return !slices.Contains(ends, l) })
		if !slices.Equal(got, ends) {
			t.Errorf("callbacks %q, want %q", got, ends)
		}
	}
	t.Run("PW-033 an upstream that refuses", func(t *testing.T) {
		p := proxied(t, ending().on("on_response_headers", get(2, ":status")), coretest.Refusing(t))
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status < 500 {
			t.Errorf("the client got %+v", r)
		}
		check(t, p)
	})
	t.Run("PW-033 an upstream that breaks off", func(t *testing.T) {
		up := coretest.Script(t, func(c *coretest.Peer) {
			c.Head()
			c.Say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
			c.Reset()
		})
		p := proxied(t, ending(), up.Addr)
		client := coretest.Dial(t, p.Addr("gateway"))
		client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if r, err := client.TryRead("GET"); err == nil && r.Err == nil {
			t.Errorf("the client got %+v", r)
		}
		check(t, p)
	})
	t.Run("PW-033 a local reply", func(t *testing.T) {
		p := proxied(t, ending().on("on_request_headers", reply(403, "", "no")), coretest.Refusing(t))
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 403 || r.Body != "no" {
			t.Errorf("the client got %+v", r)
		}
		check(t, p)
	})
	t.Run("PW-033 a client that goes while the upstream works, PW-096 and while the filter pauses", func(t *testing.T) {
		for name, s := range map[string]*script{"works": ending(), "pauses": ending().on("on_request_headers", ret(1))} {
			t.Run(name, func(t *testing.T) {
				came, free := make(chan bool, 1), make(chan bool)
				up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came <- true; <-free }))
				t.Cleanup(func() { close(free) })
				p := proxied(t, s, up.Addr)
				client := coretest.Dial(t, p.Addr("gateway"))
				client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				if name == "works" {
					<-came
				} else {
					coretest.Eventually(t, "the filter pauses", func() bool { return slices.Contains(guestLines(p), "on_request_headers(2,6,1)") })
				}
				client.Reset()
				check(t, p)
			})
		}
	})
	t.Run("PW-097 a pause that nothing ends", func(t *testing.T) {
		p := proxied(t, ending().on("on_request_headers", ret(1)).on("on_response_headers", get(2, ":status")), coretest.Refusing(t), "[timeouts]\npause = \"100ms\"\ndrain = \"2s\"")
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 504 {
			t.Errorf("the client got %+v", r)
		}
		check(t, p)
	})
}

// TestWireStreams: what a filter lets pass is sent on at once.
func TestWireStreams(t *testing.T) {
	t.Run("PW-078 events of a response", func(t *testing.T) {
		seen := make(chan bool)
		up := coretest.Script(t, func(c *coretest.Peer) {
			c.Head()
			c.Say("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
			for n := range 3 {
				event := fmt.Sprintf("data: %d\n\n", n)
				c.Say(fmt.Sprintf("%x\r\n%s\r\n", len(event), event))
				<-seen // the next is not sent before the client has this one
			}
			c.Say("0\r\n\r\n")
		})
		p := proxied(t, newScript().on("on_response_headers").on("on_response_body", body(1)), up.Addr)
		r, err := http.Get("http://" + p.Addr("gateway"))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		for n := range 3 {
			b := make([]byte, len("data: 0\n\n"))
			if _, err := io.ReadFull(r.Body, b); err != nil || string(b) != fmt.Sprintf("data: %d\n\n", n) {
				t.Errorf("event %d: %q, %v", n, b, err)
			}
			seen <- true
		}
		if rest, err := io.ReadAll(r.Body); len(rest) > 0 || err != nil {
			t.Errorf("then %q, %v", rest, err)
		}
	})
	t.Run("PW-078 pieces of a request", func(t *testing.T) {
		pieces := make(chan string)
		up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				b := make([]byte, 3)
				_, _ = io.ReadFull(r.Body, b)
				pieces <- string(b)
			}
		}))
		p := proxied(t, newScript().on("on_request_body", body(0)), up.Addr)
		client := coretest.Dial(t, p.Addr("gateway"))
		client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
		for n := range 3 {
			piece := fmt.Sprintf("<%d>", n)
			client.Send("3\r\n" + piece + "\r\n")
			if got := <-pieces; got != piece {
				t.Errorf("the service got %q, want %q", got, piece)
			}
		}
		client.Send("0\r\n\r\n")
		if r := client.Read("POST"); r.Status != 200 {
			t.Errorf("the client got %+v", r)
		}
	})
}

// TestWireReply: a filter's answer leaves the connection in order.
func TestWireReply(t *testing.T) {
	up := echo(t)
	for name, s := range map[string]*script{
		"on_request_headers": newScript().on("on_request_headers", when(1, 7, quiet("proxy_send_local_response", 403, "", "no", "", -1))),
		"on_request_body":    newScript().on("on_request_body", quiet("proxy_send_local_response", 403, "", "no", "", -1)),
	} {
		t.Run("PW-089 from "+name+" with a body unread", func(t *testing.T) {
			p := proxied(t, s, up.Addr)
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
			r := client.Read("POST")
			if r.Status != 403 || r.Body != "no" {
				t.Fatalf("the client got %+v", r)
			}
			if r.Close {
				if !client.Closed() {
					t.Error("the connection was to be closed")
				}
				return
			}
			client.Send("67890GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
			if r := client.Read("GET"); r.Status != 200 || !strings.HasPrefix(r.Body, "GET /2 ") {
				t.Errorf("the next request got %+v", r)
			}
		})
	}
}

// TestWireCall: calls go out by the proxy's own transport.
func TestWireCall(t *testing.T) {
	t.Run("PW-106 an answer in chunks, with trailers", func(t *testing.T) {
		up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/check" {
				fmt.Fprint(w, r.Header.Get("X-Called"))
				return
			}
			w.Header().Set("Trailer", "T")
			for range 50 {
				fmt.Fprint(w, strings.Repeat("0123456789", 500))
				w.(http.Flusher).Flush()
			}
			w.Header().Set("T", "end")
		}))
		s := newScript().on("on_request_headers", save(0, 0),
			call("proxy_http_call", "up", pairs(":method", "GET", ":path", "/check", ":authority", "a"), "", "", 5000, outWord{}), ret(1)).
			on("on_http_call_response", get(6, ":status"), call("proxy_get_buffer_status", 4, outWord{}, 40), get(7, "t"),
				call("proxy_get_buffer_bytes", 4, 249_995, -1, outBytes{}),
				quiet("proxy_set_effective_context", cell(0)), quiet("proxy_add_header_map_value", 0, "x-called", "yes"), quiet("proxy_continue_stream", 0))
		p := proxied(t, s, up.Addr, `filter:calls = ["up"]`)
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 200 || r.Body != "yes" {
			t.Errorf("the client got %+v", r)
		}
		want := []string{"http_call=0 1", "get_header_map_value=0 200", "get_buffer_status=0 250000", "get_header_map_value=0 end", "get_buffer_bytes=0 56789"}
		if lines := guestLines(p); !slices.Equal(lines, want) {
			t.Errorf("lines %q, want %q", lines, want)
		}
	})
}

// TestWireMetrics: what the instances of a filter count is one series.
func TestWireMetrics(t *testing.T) {
	t.Run("PW-111 counted in all instances, and shown", func(t *testing.T) {
		up := echo(t)
		s := newScript().on("on_configure", quiet("proxy_define_metric", 0, "seen", outWord{}), quiet("proxy_define_metric", 1, "level", outWord{}), quiet("proxy_define_metric", 2, "took", outWord{})).
			on("on_request_headers", call("proxy_increment_metric", 4, int64(2)), call("proxy_record_metric", 9, int64(7)), call("proxy_record_metric", 14, int64(5)))
		p := proxied(t, s, up.Addr, "lanes:4")
		const clients, each = 8, 10
		done := make(chan bool)
		for range clients {
			go func() {
				for range each {
					if r, err := http.Get("http://" + p.Addr("gateway")); err != nil || r.StatusCode != 200 {
						t.Errorf("%+v, %v", r, err)
					} else {
						_, _ = io.Copy(io.Discard, r.Body)
						_ = r.Body.Close()
					}
				}
				done <- true
			}()
		}
		for range clients {
			<-done
		}
		for sample, want := range map[string]float64{
			`weir_filter_seen_total{filter="f"}`: 2 * clients * each, `weir_filter_level{filter="f"}`: 7,
			`weir_filter_took_count{filter="f"}`: clients * each, `weir_filter_took_sum{filter="f"}`: 5 * clients * each,
		} {
			if got := p.Metric(sample); got != want {
				t.Errorf("%s is %v, want %v", sample, got, want)
			}
		}
	})
}
