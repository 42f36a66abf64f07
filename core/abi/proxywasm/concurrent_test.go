package proxywasm_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// callThrough pauses at the head for a call, whose answer adds a header and
// goes on. Its id finds the stream: cells are shared by the streams.
func callThrough() *script {
	return newScript().
		on("on_request_headers", alone(
			quiet("proxy_http_call", "auth", pairs(":method", "GET", ":path", "/", ":authority", "a"), "", "", 0, outWord{}),
			callOwner), ret(1)).
		on("on_http_call_response", alone(answerOwner)).
		on("on_response_headers", alone(quiet("proxy_get_header_map_value", 0, ":path", outBytes{}))).
		on("on_log", alone(quiet("proxy_get_header_map_value", 2, ":status", outBytes{})))
}

func TestConcurrent(t *testing.T) {
	t.Run("PW-125 streams of many goroutines, calls answered by others, one callback at a time", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		s := callThrough()
		lanes := func(s *proxywasm.Spec) { s.Lanes = 4 }
		a, b := h.load(s, calling, lanes, named("a")), h.load(s, calling, lanes, named("b"))
		c := chain.New([]chain.Link{{Filter: a}, {Filter: b}}, 1<<20)
		each(8, 100, func(g, n int) {
			x := exchange{head: fmt.Sprintf("GET /%d/%d a", g, n)}
			if o := x.through(c); o.upstream != fmt.Sprintf("GET /%d/%d a|x-called: 1|x-called: 1", g, n) || o.downstream != "200" {
				t.Errorf("outcome %+v", o)
			}
		})
		if lines := h.lines(); len(lines) > 0 {
			t.Errorf("lines %q", lines)
		}
	})
	t.Run("PW-096 an instance dies under streams that wait", func(t *testing.T) {
		h := newHost(t)
		h.caller.answer = func(filter.CallRequest) *filter.CallResponse { return answer(200, "") }
		s := callThrough()
		s.callbacks[0].steps = append([]step{when(1, 5, trap)}, s.callbacks[0].steps...)
		f := h.load(s, calling)
		c := chain.New([]chain.Link{{Filter: f}}, 1<<20)
		each(8, 50, func(g, n int) {
			x := exchange{}
			if n == 25 && g == 0 {
				x.headers = []string{"boom: 1"}
			}
			if o := x.through(c); o.downstream != "200" && !strings.HasPrefix(o.downstream, "503") {
				t.Errorf("outcome %+v", o)
			}
		})
	})
	t.Run("a reload under load", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", add(0, "x-a", "1")).on("on_delete")
		h.load(s, named("first"))
		code := s.bytes()
		each(6, 30, func(g, n int) {
			f, err := h.tryCode(code, named(fmt.Sprintf("f%d", n%3)))
			if err != nil {
				t.Error(err)
				return
			}
			if o := (&exchange{}).run(f); o.upstream != "GET / a.example|x-a: 1" {
				t.Errorf("outcome %+v", o)
			}
			f.Close()
		})
		if n := len(h.Stats()); n != 1 {
			t.Errorf("%d filters are left, want 1", n)
		}
	})
	t.Run("PW-123 100,000 streams leave nothing behind", func(t *testing.T) {
		h := newHost(t)
		f := h.load(emptyScript())
		l := newLife(f)
		for range 50_000 {
			l.run()
		}
		before := h.Stats()[0].Lanes[0].Memory
		for range 50_000 {
			l.run()
		}
		if after := h.Stats()[0].Lanes[0].Memory; after != before {
			t.Errorf("memory %d, then %d", before, after)
		}
	})
}

// each runs do on so many goroutines, so many times each.
func each(goroutines, times int, do func(g, n int)) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for n := range times {
				do(g, n)
			}
		})
	}
	all.Wait()
}
