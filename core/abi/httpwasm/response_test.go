package httpwasm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// features enables some while the module starts.
func features(f int) []step { return []step{do("enable_features", f), code(Drop)} }

// TestReply: a guest that does not go on has written the response.
func TestReply(t *testing.T) {
	for _, c := range []struct {
		name     string
		request  []step
		status   int
		body     string
		fields   map[string]string
		trailers map[string]string
	}{
		{name: "PW-131 nothing said is an empty 200", status: 200},
		{name: "PW-133 written in pieces", request: []step{do("set_status_code", 403), do("write_body", 1, "not "), do("write_body", 1, "you"),
			do("set_header_value", 1, "X-Why", "so")}, status: 403, body: "not you", fields: map[string]string{"X-Why": "so", "Content-Type": "text/plain"}},
		{name: "its own type", request: []step{do("write_body", 1, "{}"), do("add_header_value", 1, "content-type", "application/json")},
			status: 200, body: "{}", fields: map[string]string{"Content-Type": "application/json"}},
		{name: "what it took back", request: []step{do("set_header_value", 1, "x-a", "1"), do("remove_header", 1, "X-A"), list("get_header_names", 1)}, status: 200,
			fields: map[string]string{"X-A": ""}},
		{name: "with trailers", request: []step{do("enable_features", trailers), code(Drop), do("write_body", 1, "b"), do("add_header_value", 3, "x-t", "v")},
			status: 200, body: "b", trailers: map[string]string{"X-T": "v"}},
		{name: "trailers alone", request: []step{do("enable_features", trailers), code(Drop), do("add_header_value", 3, "x-t", "v")},
			status: 200, trailers: map[string]string{"X-T": "v"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			up := echo(t)
			r := serve(t, &guest{request: c.request, answer: done(), response: []step{say("called")}}, up)
			got := r.get("/")
			if got.Status != c.status || got.Body != c.body || got.Err != nil {
				t.Errorf("%+v", got)
			}
			for name, want := range c.fields {
				if got.Header.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
				}
			}
			for name, want := range c.trailers {
				if got.Trailer.Get(name) != want {
					t.Errorf("trailer %s is %q, want %q", name, got.Trailer.Get(name), want)
				}
			}
			if up.Connections() != 0 || r.Log.Has("called") {
				t.Error("the upstream was asked, or handle_response called")
			}
		})
	}
}

// TestResponse: handle_response with and without buffering.
func TestResponse(t *testing.T) {
	cases := []struct {
		name   string
		guest  *guest
		upward string // what the upstream says
		status int
		body   string
		fields map[string]string
		lines  []string
	}{
		{name: "seen without buffering", guest: &guest{answer: next(7), response: []step{
			params, list("get_header_values", 1, "X-Up"), get("get_method"), ask("get_status_code"),
		}}, upward: "HTTP/1.1 201 Created\r\nX-Up: 1\r\nContent-Length: 4\r\n\r\nbody", status: 201, body: "body",
			lines: []string{"ctx=7", "is_error=0", "get_header_values=1 1?", "get_method=3 GET", "get_status_code=201"}},
		{name: "read and changed with buffer_response", guest: &guest{start: features(bufferResponse), response: []step{
			read(1, 3), readAll(1, 100), do("set_status_code", 299), do("set_header_value", 1, "x-up", "2"), do("add_header_value", 1, "x-new", "3"),
		}}, upward: "HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Length: 4\r\n\r\nbody", status: 299, body: "body", fields: map[string]string{"X-Up": "2", "X-New": "3"},
			lines: []string{"read_body=3 bod", "read_body=1 y!"}},
		{name: "PW-133 the first write overwrites, the next append", guest: &guest{start: features(bufferResponse), response: []step{
			do("write_body", 1, "other "), do("write_body", 1, "text"),
		}}, upward: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n", status: 200, body: "other text"},
		{name: "PW-133 an empty write empties", guest: &guest{start: features(bufferResponse), response: []step{do("write_body", 1, "")}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 200},
		{name: "PW-133 written where there was none", guest: &guest{start: features(bufferResponse), response: []step{read(1, 9), do("write_body", 1, "new")}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, body: "new", lines: []string{"read_body=0 !"}},
		{name: "PW-129 buffered for one request alone", guest: &guest{request: []step{ask("enable_features", bufferResponse), ask("enable_features", 255)},
			response: []step{ask("enable_features", trailers), do("set_status_code", 299)}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 299, body: "body",
			lines: []string{"enable_features=2", "enable_features=7", "enable_features=7"}},
		{name: "PW-129 enabled after the next handler, it is too late", guest: &guest{response: []step{ask("enable_features", bufferResponse)}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 200, body: "body", lines: []string{"enable_features=0"}},
		{name: "PW-137 fields set before survive, the upstream's win", guest: &guest{request: []step{
			do("set_header_value", 1, "X-Up", "ours"), do("add_header_value", 1, "x-a", "1"), do("add_header_value", 1, "x-a", "2"), do("set_status_code", 500),
		}, response: []step{list("get_header_values", 1, "x-a")}},
			upward: "HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Length: 4\r\n\r\nbody", status: 200, body: "body",
			fields: map[string]string{"X-Up": "1", "X-A": "1"}, lines: []string{"get_header_values=2 1?2?"}},
		{name: "PW-137 also where handle_response has nothing to do", guest: &guest{request: []step{do("set_header_value", 1, "x-a", "1")}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 200, body: "body", fields: map[string]string{"X-A": "1"}},
		{name: "a body written before comes before the upstream's", guest: &guest{request: []step{do("write_body", 1, "our "), do("write_body", 1, "own ")}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 200, body: "our own body"},
		{name: "a body written before is read in handle_response", guest: &guest{start: features(bufferResponse), request: []step{do("write_body", 1, "our ")},
			response: []step{readAll(1, 100), do("write_body", 1, "x")}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", status: 200, body: "x", lines: []string{"read_body=8 our body!"}},
		{name: "what it has written so far can be read", guest: &guest{request: []step{do("write_body", 1, "abc"), read(1, 2), read(1, 2)}},
			upward: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, body: "abc", lines: []string{"read_body=2 ab", "read_body=1 c!"}},
		{name: "with features a response is seen whole", guest: &guest{start: features(trailers), response: []step{
			list("get_header_values", 3, "T"), list("get_header_names", 3),
		}}, upward: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nT: v\r\n\r\n", status: 200, body: "body",
			lines: []string{"get_header_values=1 v?", "get_header_names=1 t?"}},
	}
	var pairs []pair
	for _, c := range cases {
		pairs = append(pairs, pair{c.guest, says(t, c.upward)})
	}
	r := serveAll(t, pairs)
	for n, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name := fmt.Sprint("g", n)
			got := r.get("/" + name)
			if got.Status != c.status || got.Body != c.body || got.Err != nil {
				t.Errorf("%+v", got)
			}
			for name, want := range c.fields {
				if got.Header.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
				}
			}
			same(t, r.linesOf(name), c.lines)
		})
	}
}

// says is a service that answers each request, of which it reads the head, with
// the same words.
func says(t testing.TB, text string) *coretest.Upstream {
	return coretest.Script(t, func(p *coretest.Peer) {
		for p.Head() != "" {
			p.Say(text)
		}
	})
}

// TestTooLate: what has gone on cannot be changed. handle_response ends its
// instance, and the client gets 503 where the head is not sent.
func TestTooLate(t *testing.T) {
	steps := []step{
		do("set_method", "PUT"), do("set_uri", "/"), do("set_header_value", 0, "a", "b"), do("add_header_value", 0, "a", "b"), do("remove_header", 0, "a"),
		do("write_body", 0, "x"), read(0, 9), do("set_header_value", 2, "a", "b"),
		do("set_header_value", 1, "a", "b"), do("add_header_value", 1, "a", "b"), do("remove_header", 1, "a"), do("write_body", 1, "x"),
		read(1, 9), do("set_status_code", 200), do("remove_header", 3, "a"),
	}
	var pairs []pair
	up := says(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	for _, s := range steps {
		pairs = append(pairs, pair{&guest{start: features(trailers), response: []step{s}}, up})
	}
	r := serveAll(t, pairs)
	for n, s := range steps {
		what := "PW-130 " + s.name
		if len(s.args) > 0 {
			what += fmt.Sprint(" ", s.args[0])
		}
		t.Run(what, func(t *testing.T) {
			name := fmt.Sprint("g", n)
			if got := r.get("/" + name); got.Status != 503 {
				t.Errorf("%+v", got)
			}
			lines := r.linesOf(name)
			if len(lines) != 1 || !strings.Contains(lines[0], "a filter failed") || !strings.Contains(lines[0], s.name) || r.Filter(name).Traps != 1 {
				t.Errorf("%q do not name %s, or there was no trap", lines, s.name)
			}
		})
	}
}

// TestResponseTrailers: trailers of the response, from the upstream and of the
// guest's own.
func TestResponseTrailers(t *testing.T) {
	for name, g := range map[string]*guest{
		"set before":                 {request: append(features(trailers), do("set_header_value", 3, "t", "ours"), do("add_header_value", 3, "x-n", "1"))},
		"changed in handle_response": {start: features(trailers | bufferResponse), response: []step{do("set_header_value", 3, "t", "ours"), do("add_header_value", 3, "x-n", "1")}},
	} {
		for _, upward := range []string{
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nT: v\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				own := *g // it is written when its module is made
				r := serve(t, &own, says(t, upward))
				got := r.get("/")
				if got.Body != "body" || strings.Join(got.Trailer.Values("T"), ",") != "ours" || got.Trailer.Get("X-N") != "1" {
					t.Errorf("%q with trailers %v", got.Body, got.Trailer)
				}
			})
		}
	}
}
