package proxywasm_test

import (
	"strings"
	"testing"
)

// reply calls proxy_send_local_response.
func reply(code int, details, body string, headers ...string) step {
	return call("proxy_send_local_response", code, details, body, pairs(headers...), -1)
}

func TestReply(t *testing.T) {
	for name, c := range map[string]struct {
		x       exchange
		s       *script
		want    []string
		up      string // empty: the upstream got nothing
		down    string
		details string
		cut     bool
	}{
		"PW-081 code, headers, body and details": {
			s:    newScript().on("on_request_headers", reply(403, "rbac denied\r\n\x00", "no", "X-A", "1", "x-a", "2", ":status", "500", "content-length", "9")),
			want: []string{"send_local_response=0"},
			down: "403|x-a: 1|x-a: 2|content-type: text/plain|content-length: 2|>no", details: "rbac_denied___",
		},
		"PW-081 a content type of its own": {
			s: newScript().on("on_request_headers", reply(200, "", "{}", "content-type", "application/json")), want: []string{"send_local_response=0"},
			down: "200|content-type: application/json|content-length: 2|>{}",
		},
		"PW-082 no body": {s: newScript().on("on_request_headers", reply(429, "d", "")), want: []string{"send_local_response=0"}, down: "429|content-length: 0", details: "d"},
		"PW-083 what is returned does not matter": {
			s: newScript().on("on_request_headers", reply(403, "", ""), ret(1)).on("on_request_body", say("never")), x: exchange{body: []string{"x"}},
			want: []string{"send_local_response=0"}, down: "403|content-length: 0",
		},
		"PW-084 the first of a callback stays": {
			s:    newScript().on("on_request_headers", reply(403, "", ""), reply(404, "", ""), call("proxy_continue_stream", 0)),
			want: []string{"send_local_response=0", "send_local_response=0", "continue_stream=0"}, down: "403|content-length: 0",
		},
		"PW-085 a gRPC request": {
			x:    exchange{headers: []string{"content-type: application/grpc"}},
			s:    newScript().on("on_request_headers", call("proxy_send_local_response", 403, "", "no", "", -1)),
			want: []string{"send_local_response=0"}, down: "200|content-type: application/grpc|grpc-status: 7|grpc-message: no",
		},
		"PW-085 a gRPC status of its own": {
			x:    exchange{headers: []string{"content-type: application/grpc"}},
			s:    newScript().on("on_request_headers", call("proxy_send_local_response", 403, "", "", "", 5)),
			want: []string{"send_local_response=0"}, down: "200|content-type: application/grpc|grpc-status: 5",
		},
		"PW-085 a gRPC status where it means nothing": {
			s:    newScript().on("on_request_headers", call("proxy_send_local_response", 403, "", "", "", 5)),
			want: []string{"send_local_response=0"}, down: "403|content-length: 0",
		},
		"PW-087 its own response callbacks run, PW-088 on_log sees it": {
			s: newScript().on("on_request_headers", reply(403, "", "no")).
				on("on_response_headers", get(2, ":status"), add(2, "x-seen", "1")).
				on("on_response_body", body(1)).on("on_log", get(2, ":status"), call("proxy_get_property", "response\x00code_details", outBytes{})),
			want: []string{"send_local_response=0", "get_header_map_value=0 403", "add_header_map_value=0", "get_buffer_bytes=0 no",
				"get_header_map_value=0 403", "get_property=0 "},
			down: "403|content-type: text/plain|content-length: 2|x-seen: 1|>no",
		},
		"PW-089 from a body callback": {
			x: exchange{body: []string{"a", "b"}}, s: newScript().on("on_request_headers", ret(0)).on("on_request_body", reply(400, "", "bad")),
			want: []string{"send_local_response=0"}, down: "400|content-type: text/plain|content-length: 3|>bad", up: "GET / a.example",
		},
		"PW-079 from on_response_headers, in the upstream's place": {
			x:    exchange{responseBody: []string{"secret"}, responseHeaders: []string{"x-up: 1"}},
			s:    newScript().on("on_response_headers", reply(502, "", "mine")).on("on_response_body", say("never")),
			want: []string{"send_local_response=0"}, down: "502|content-type: text/plain|content-length: 4|>mine", up: "GET / a.example",
		},
		"PW-090 once the head was sent": {
			x: exchange{responseBody: []string{"a", "b"}}, s: newScript().on("on_response_body", reply(502, "", "")),
			want: []string{"send_local_response=0"}, down: "200", cut: true, up: "GET / a.example",
		},
		"PW-092 codes": {
			s: newScript().on("on_request_headers", reply(0, "", ""), reply(99, "", ""), reply(100, "", ""), reply(101, "", ""), reply(199, "", ""),
				reply(600, "", ""), reply(1000, "", ""), reply(-1, "", ""), reply(599, "", "")),
			want: append(repeat("send_local_response=2", 8), "send_local_response=0"), down: "599|content-length: 0",
		},
		"PW-093 nothing splits": {
			s: newScript().on("on_request_headers", reply(200, "", "", "x-a", "1\r\nx: y"), reply(200, "", "", "x a", "1"), reply(200, "", "", ":path", "1"),
				reply(200, "", "", "x-a", "\x00")),
			want: repeat("send_local_response=2", 4), down: "200", up: "GET / a.example",
		},
		"headers that are no map are left out, the answer is not": {
			s:    newScript().on("on_request_headers", call("proxy_send_local_response", 403, "", "", "\x07\x00\x00", -1)),
			want: []string{"send_local_response=0"}, down: "403|content-length: 0",
		},
		"at the end of a stream": {
			s:    newScript().on("on_log", reply(403, "", "")).on("on_done", reply(403, "", "")).on("on_context_create", when(1, 1, reply(403, "", ""))),
			want: repeat("send_local_response=2", 3), down: "200", up: "GET / a.example",
		},
		"PW-050 close_stream": {
			s: newScript().on("on_request_headers", call("proxy_close_stream", 0)).on("on_log", say("log")), want: []string{"close_stream=0", "log"}, cut: true,
		},
		"close_stream and continue_stream elsewhere": {
			s: newScript().on("on_request_headers", call("proxy_close_stream", 2), call("proxy_close_stream", 3), call("proxy_close_stream", 9),
				call("proxy_continue_stream", 0), call("proxy_continue_stream", 1), call("proxy_continue_stream", 2),
				call("proxy_continue_stream", 3), call("proxy_continue_stream", 4)).
				on("on_response_headers", call("proxy_continue_stream", 0), call("proxy_continue_stream", 1)).
				on("on_log", call("proxy_continue_stream", 0), call("proxy_close_stream", 1)),
			want: []string{"close_stream=0", "close_stream=0", "close_stream=2", "continue_stream=0", "continue_stream=0", "continue_stream=0",
				"continue_stream=12", "continue_stream=2", "continue_stream=0", "continue_stream=0", "continue_stream=0", "close_stream=0"},
			down: "200", up: "GET / a.example",
		},
		"PW-094 continue_stream within the callback that pauses": {
			s: newScript().on("on_request_headers", call("proxy_continue_stream", 0), ret(1)), want: []string{"continue_stream=0"}, down: "200", up: "GET / a.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			o := c.x.run(h.load(c.s))
			h.expect(c.want...)
			if o.upstream != c.up || o.downstream != c.down || o.cut != c.cut {
				t.Errorf("outcome %+v, want upstream %q, downstream %q, cut %t", o, c.up, c.down, c.cut)
			}
			if c.details != "" && o.details != c.details {
				t.Errorf("details %q, want %q", o.details, c.details)
			}
		})
	}
}

func TestReplyInChain(t *testing.T) {
	h := newHost(t)
	note := func(name string) *script {
		return newScript().on("on_request_headers", say(name+">")).on("on_response_headers", say("<"+name))
	}
	a := h.load(note("a"))
	b := h.load(newScript().on("on_request_headers", say("b>"), quiet("proxy_send_local_response", 403, "", "", "", -1)).on("on_response_headers", say("<b")))
	c := h.load(note("c"))
	t.Run("PW-086, PW-087 entered filters see the answer, later ones nothing", func(t *testing.T) {
		(&exchange{}).run(a, b, c)
		h.expect("a>", "b>", "<b", "<a")
	})
	t.Run("from on_response_headers, the filters before do not see it", func(t *testing.T) {
		d := h.load(newScript().on("on_response_headers", say("<d"), quiet("proxy_send_local_response", 500, "", "", "", -1)))
		o := (&exchange{}).run(a, d, c)
		h.expect("a>", "c>", "<c", "<d")
		if !strings.HasPrefix(o.downstream, "500") {
			t.Errorf("downstream %q", o.downstream)
		}
	})
}
