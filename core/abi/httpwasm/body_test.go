package httpwasm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

const bufferRequest, bufferResponse, trailers = 1, 2, 4

// TestRequestBody shows what becomes of a request's body by what the guest does
// with it.
func TestRequestBody(t *testing.T) {
	cases := []struct {
		name  string
		guest *guest
		body  string
		want  string // what the upstream saw
		lines []string
	}{
		{"untouched", &guest{request: []step{say("x")}}, "abcdef", "POST / test [abcdef]", []string{"x"}},
		{"read without buffer_request, it is gone", &guest{request: []step{readAll(0, 100)}}, "abcdef",
			"POST / test []", []string{"read_body=6 abcdef!"}},
		{"read in part, the rest goes on", &guest{request: []step{read(0, 4)}}, "abcdef", "POST / test [ef]", []string{"read_body=4 abcd"}},
		{"PW-134 the end comes with the last bytes, and again", &guest{request: []step{read(0, 4), read(0, 2), read(0, 2)}}, "abcdef",
			"POST / test []", []string{"read_body=4 abcd", "read_body=2 ef!", "read_body=0 !"}},
		{"there is none", &guest{request: []step{read(0, 4)}}, "", "POST / test []", []string{"read_body=0 !"}},
		{"PW-134 read with buffer_request, it goes on all the same", &guest{request: []step{
			ask("enable_features", bufferRequest), read(0, 4), readAll(0, 100),
		}}, "abcdef", "POST / test [abcdef]", []string{"enable_features=1", "read_body=4 abcd", "read_body=2 ef!"}},
		{"PW-134 read with buffer_request in both functions", &guest{
			start:    []step{do("enable_features", bufferRequest), code(Drop)},
			request:  []step{read(0, 4)},
			response: []step{read(0, 5), read(0, 5)},
		}, "abcdef", "POST / test [abcdef]", []string{"read_body=4 abcd", "read_body=5 abcde", "read_body=1 f!"}},
		{"PW-134 read with buffer_request in handle_response alone", &guest{
			start:    []step{do("enable_features", bufferRequest), code(Drop)},
			response: []step{read(0, 100)},
		}, "abcdef", "POST / test [abcdef]", []string{"read_body=6 abcdef!"}},
		{"PW-133 the first write overwrites, the next append", &guest{request: []step{
			do("write_body", 0, "new"), do("write_body", 0, " body"),
		}}, "abcdef", "POST / test [new body]", nil},
		{"PW-133 an empty write empties", &guest{request: []step{do("write_body", 0, "")}}, "abcdef", "POST / test []", nil},
		{"PW-133 written where there was none", &guest{request: []step{do("write_body", 0, "new")}}, "", "POST / test [new]", nil},
		{"PW-133 read, then written", &guest{request: []step{readAll(0, 100), do("write_body", 0, "new")}}, "abcdef",
			"POST / test [new]", []string{"read_body=6 abcdef!"}},
		{"PW-133 read in part, then written", &guest{request: []step{read(0, 2), do("write_body", 0, "new")}}, "abcdef",
			"POST / test [new]", []string{"read_body=2 ab"}},
		{"buffered, read, then written, then read as it went on", &guest{
			request:  []step{do("enable_features", bufferRequest), code(Drop), readAll(0, 100), do("write_body", 0, "new")},
			response: []step{read(0, 100)},
		}, "abcdef", "POST / test [new]", []string{"read_body=6 abcdef!", "read_body=3 new!"}},
	}
	var pairs []pair
	up := echo(t)
	for _, c := range cases {
		pairs = append(pairs, pair{c.guest, up})
	}
	r := serveAll(t, pairs)
	for n, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name := fmt.Sprint("g", n)
			if got := strings.Replace(r.postTo("/"+name, c.body).Body, name, "", 1); got != c.want {
				t.Errorf("upstream saw %q, want %q", got, c.want)
			}
			same(t, r.linesOf(name), c.lines)
			if n := r.Filter(name).Traps; n > 0 {
				t.Errorf("%d traps", n)
			}
		})
	}
}

// TestBodyInPieces: a guest that reads waits for what the client has not sent,
// and what it does not read goes on while it comes.
func TestBodyInPieces(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"

	t.Run("a guest waits for each piece", func(t *testing.T) {
		r := serve(t, &guest{request: []step{readAll(0, 100)}}, echo(t))
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send(head)
		for i, piece := range []string{"one", "two", "three"} {
			c.Send(fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece))
			coretest.Eventually(t, "the guest has read "+piece, func() bool { return r.Log.Has(fmt.Sprintf("read_body=%d %s", len(piece), piece)) })
			if r.Filter("guest").Lanes[0].State != "live" { // whoever looks need not wait
				t.Errorf("piece %d: %+v", i, r.Filter("guest"))
			}
		}
		c.Send("0\r\n\r\n")
		if got := c.Read("POST").Body; got != "POST / test []" {
			t.Errorf("upstream saw %q", got)
		}
	})

	t.Run("a guest that does not read lets them stream", func(t *testing.T) {
		got := make(chan string)
		up := coretest.Script(t, func(p *coretest.Peer) {
			p.Head()
			got <- p.Body(len("3\r\none\r\n"))
			got <- p.Body(len("3\r\ntwo\r\n0\r\n\r\n"))
			p.Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			p.Ended()
		})
		r := serve(t, &guest{request: []step{say("seen"), imported("read_body")}}, up)
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send(head + "3\r\none\r\n")
		if p := <-got; p != "3\r\none\r\n" {
			t.Errorf("first %q", p)
		}
		c.Send("3\r\ntwo\r\n0\r\n\r\n")
		if p := <-got; p != "3\r\ntwo\r\n0\r\n\r\n" {
			t.Errorf("then %q", p)
		}
		if got := c.Read("POST").Status; got != 200 {
			t.Errorf("status %d", got)
		}
	})

	t.Run("without buffer_request there is no bound, nor with one that is kept", func(t *testing.T) {
		r := serve(t, &guest{request: []step{{name: "read_body", code: readQuietly}}}, echo(t), `[limits]
filter_body = "64KiB"`)
		if got := r.post(strings.Repeat("x", 3<<20)); got.Body != "POST / test []" {
			t.Errorf("%d %.100q", got.Status, got.Body)
		}
	})

	t.Run("with buffer_request there is", func(t *testing.T) {
		r := serve(t, &guest{request: []step{do("enable_features", bufferRequest), code(Drop), readAll(0, 65536)}, response: []step{params}}, echo(t), `[limits]
filter_body = "64KiB"`)
		if got := r.post(strings.Repeat("x", 3<<20)); got.Status != 413 {
			t.Errorf("%d %.100q", got.Status, got.Body)
		}
		if n := r.Filter("guest").Traps; n > 0 {
			t.Errorf("%d traps", n)
		}
	})

	t.Run("a client that goes away costs no instance, and the guest is told", func(t *testing.T) {
		r := serve(t, &guest{request: []step{say("begin"), readAll(0, 100)}, answer: next(5), response: []step{params}}, echo(t))
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send(head + "3\r\none\r\n")
		coretest.Eventually(t, "the guest waits", func() bool { return r.Log.Has("read_body=3 one") })
		c.Reset()
		coretest.Eventually(t, "the guest is told", func() bool { return r.Log.Has("is_error=1") })
		r.expect("begin", "read_body=3 one", "read_body=0 !", "ctx=5", "is_error=1")
		if f := r.Filter("guest"); f.Traps != 0 || f.Lanes[0].Restarts != 0 {
			t.Errorf("%+v", f)
		}
	})

	t.Run("trailers end a body, and are seen after it", func(t *testing.T) {
		r := serve(t, &guest{request: []step{
			do("enable_features", trailers), code(Drop), list("get_header_names", 2), readAll(0, 100), list("get_header_names", 2),
			list("get_header_values", 2, "T"), do("add_header_value", 2, "x-new", "n"), do("remove_header", 2, "t"),
		}}, echo(t))
		c := coretest.Dial(t, r.Addr("gateway"))
		c.Send(head)
		coretest.Eventually(t, "the guest waits", func() bool { return r.Log.Has("get_header_names=0") })
		c.Send("3\r\none\r\n0\r\nT: v\r\n\r\n")
		if got := c.Read("POST").Body; got != "POST / test [] trailer X-New=n" {
			t.Errorf("upstream saw %q", got)
		}
		lines := strings.Join(r.lines(), "\n")
		if !strings.Contains(lines, "get_header_names=1 t?\nget_header_values=1 v?") {
			t.Errorf("the guest logged %s", lines)
		}
	})
}
