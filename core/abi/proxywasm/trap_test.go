package proxywasm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func TestTraps(t *testing.T) {
	full := func() exchange {
		return exchange{body: []string{"ab"}, trailers: []string{"t: 1"}, responseBody: []string{"cd"}, responseTrailers: []string{"u: 1"}}
	}
	const sent = "GET / a.example|>ab|trailers|t: 1"
	const got = "200|>cd|trailers|u: 1"
	for _, c := range []struct {
		callback string
		closed   outcome // what a stream gets whose filter must not be left out
	}{
		{"on_context_create", outcome{downstream: "503"}},
		{"on_request_headers", outcome{downstream: "503"}},
		{"on_request_body", outcome{downstream: "503"}},
		{"on_request_trailers", outcome{downstream: "503"}},
		{"on_response_headers", outcome{downstream: "503"}},
		{"on_response_body", outcome{downstream: "200", cut: true}},
		{"on_response_trailers", outcome{downstream: "200|>cd", cut: true}},
		{"on_log", outcome{downstream: got}},
		{"on_done", outcome{downstream: got}},
		{"on_delete", outcome{downstream: got}},
	} {
		for _, onError := range []filter.OnError{filter.FailClosed, filter.FailOpen} {
			t.Run("PW-039 "+c.callback+map[filter.OnError]string{0: " closed", 1: " open"}[onError], func(t *testing.T) {
				h := newHost(t)
				// It traps for the first stream only. A fresh instance begins at
				// 1 again, so what it meets is told by the path.
				boom := []step{trap}
				if c.callback == "on_context_create" {
					boom = []step{when(1, 1, trap)}
				}
				s := newScript()
				if c.callback != "on_request_headers" {
					s.on("on_request_headers")
				}
				f := h.load(s.on(c.callback, boom...))
				x := full()
				x.onError = onError
				o := x.run(f)
				if onError == filter.FailOpen {
					if o.upstream != sent || o.downstream != got || o.cut {
						t.Errorf("outcome %+v, want the stream to pass", o)
					}
				} else if !strings.HasPrefix(o.downstream, c.closed.downstream) || o.cut != c.closed.cut || strings.Contains(o.downstream, "wasm") {
					t.Errorf("outcome %+v, want %+v", o, c.closed)
				}
				if !strings.Contains(strings.Join(h.lines(), "\n"), "a filter failed") {
					t.Errorf("nothing was logged: %q", h.lines())
				}
				if s := h.Stats()[0]; s.Traps != 1 {
					t.Errorf("%d traps counted, want 1", s.Traps)
				}
			})
		}
	}
	t.Run("PW-039 the next request has a fresh instance", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_configure").on("on_request_headers", when(1, 5, trap)).on("on_log").on("on_delete"))
		if o := (&exchange{headers: []string{"boom: 1"}}).run(f); !strings.HasPrefix(o.downstream, "503") {
			t.Errorf("outcome %+v", o)
		}
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_configure(1,0)", "on_request_headers(2,5,1)", "a filter failed; its instance is replaced",
			"on_configure(1,0)", "on_request_headers(2,4,1)", "on_log(2)", "on_delete(2)")
	})
	t.Run("all streams of the instance are answered at once, PW-096", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", when(1, 5, trap), ret(1)).on("on_log", say("log")))
		paused := make(chan struct{})
		x := exchange{wait: time.Minute, paused: func() { close(paused) }}
		done := make(chan outcome)
		go func() { done <- x.run(f) }()
		<-paused
		(&exchange{headers: []string{"boom: 1"}}).run(f)
		if o := <-done; !strings.HasPrefix(o.downstream, "503") || o.upstream != "" {
			t.Errorf("outcome %+v", o)
		}
		if strings.Contains(strings.Join(h.lines(), "\n"), "log\n") {
			t.Error("on_log was made in an instance that had died")
		}
	})
	t.Run("a stream with only its log to come is let alone", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		f := h.load(s.on("on_request_headers", when(1, 5, trap)).on("on_log", say("log")))
		x := exchange{responseBody: []string{"a"}}
		c := chain.New([]chain.Link{{Filter: f}}, 1<<20)
		x.begin(c)
		v := x.st.Head(filter.Request, true)
		(&exchange{headers: []string{"boom: 1"}}).run(f)
		if v != chain.Passed || x.st.Resumed(filter.Request) {
			t.Errorf("the stream was failed")
		}
		var o outcome
		x.finish(&o)
	})
	t.Run("PW-118 allocators", func(t *testing.T) {
		for name, a := range map[string]struct {
			by     Code
			status string
		}{
			"answers 0":              {I32(0), "get_header_map_value=6 "},
			"answers out of range":   {I32(-16), "get_header_map_value=6 "},
			"grows the memory":       {Seq(I32(1), MemoryGrow, Drop, I32(300<<10)), "get_header_map_value=0 /"},
			"traps":                  {Unreachable, ""},
			"calls the host":         {Seq(Call(20), Drop, I32(300<<10)), ""},
			"logs":                   {Seq(I32(2), I32(48), I32(3), Call(0), Drop, I32(300<<10)), "get_header_map_value=0 /"},
			"the end of the memory":  {I32(16<<16 - 1), "get_header_map_value=0 /"},
			"past the end of memory": {I32(16 << 16), "get_header_map_value=6 "},
		} {
			t.Run(name, func(t *testing.T) {
				h := newHost(t)
				s := newScript()
				s.mallocBy = a.by
				f := h.load(s.on("on_request_headers", get(0, ":path"), say("alive")))
				o := (&exchange{}).run(f)
				lines := strings.Join(h.lines(), "\n")
				if a.status == "" {
					if !strings.HasPrefix(o.downstream, "503") || strings.Contains(lines, "alive") {
						t.Errorf("outcome %+v, lines %q", o, lines)
					}
					return
				}
				if o.downstream != "200" || !strings.Contains(lines, a.status+"\nalive") {
					t.Errorf("outcome %+v, lines %q", o, lines)
				}
			})
		}
	})
	t.Run("PW-120 recursion, PW-121 an endless loop, PW-122 memory", func(t *testing.T) {
		for name, misdeed := range map[string]step{
			"loop":      spin,
			"recursion": stepFunc(func(s *script) Code { return s.local("deep") }),
			"hosts": stepFunc(func(s *script) Code {
				return Loop(I32(24), Call(s.imports["proxy_get_current_time_nanoseconds"]), Drop, Br(0))
			}),
		} {
			t.Run(name, func(t *testing.T) {
				h := newHost(t)
				s := newScript()
				s.on("on_request_headers", when(1, 5, misdeed))
				f := h.load(s, func(s *proxywasm.Spec) { s.HostCalls = 1000 })
				if o := (&exchange{headers: []string{"a: b"}}).run(f); !strings.HasPrefix(o.downstream, "503") {
					t.Errorf("outcome %+v", o)
				}
				if o := (&exchange{}).run(f); o.downstream != "200" {
					t.Errorf("outcome %+v", o)
				}
			})
		}
	})
	t.Run("proc_exit in a callback ends the instance", func(t *testing.T) {
		h := newHost(t)
		var exit uint32
		s := newScript()
		s.extra = func(m *Module) { exit = m.Import("wasi_snapshot_preview1", "proc_exit", "i") }
		f := h.load(s.on("on_request_headers", stepFunc(func(*script) Code { return Seq(I32(0), Call(exit)) })))
		if o := (&exchange{}).run(f); !strings.HasPrefix(o.downstream, "503") {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("PW-124 a filter that keeps failing is left alone, the others of its VM are not", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", when(1, 5, trap), say("in"))
		bad := h.load(s, func(s *proxywasm.Spec) { s.Name = "bad" })
		good := h.load(s, func(s *proxywasm.Spec) { s.Name = "good" })
		limit := time.Now().Add(20 * time.Second)
		for range 8 {
			(&exchange{headers: []string{"boom: 1"}}).run(bad)
			// A lane waits a little before its next instance when they die in a row.
			for (&exchange{}).run(good).downstream != "200" {
				if time.Now().After(limit) {
					t.Fatal("the other filter does not come back")
				}
			}
		}
		for _, s := range h.Stats() {
			if want := uint64(5); s.Name == "bad" && (s.Traps != want || !s.Quarantined) || s.Name == "good" && s.Quarantined {
				t.Errorf("%s: %d traps, quarantined %t", s.Name, s.Traps, s.Quarantined)
			}
		}
	})
}
