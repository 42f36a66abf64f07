package proxywasm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func tick(ms int) step { return quiet("proxy_set_tick_period_milliseconds", ms) }

func named(name string) func(*proxywasm.Spec) {
	return func(s *proxywasm.Spec) { s.Name, s.Config = name, []byte(name) }
}

func TestTick(t *testing.T) {
	t.Run("PW-024 on the root, PW-025 stopped by 0", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		h.load(s.on("on_configure", call("proxy_set_tick_period_milliseconds", 1)).
			on("on_tick", count(0), unless(0, 1, tick(0), say("stop"))), ticking)
		h.wait("stop")
		h.expect("on_configure(1,0)", "set_tick_period_milliseconds=0", "on_tick(1)", "on_tick(1)", "stop")
	})
	t.Run("PW-025 a new period takes the old one's place", func(t *testing.T) {
		h := newHost(t)
		const hour = 3600_000
		f := h.load(newScript().on("on_configure", call("proxy_set_tick_period_milliseconds", hour)).
			on("on_request_headers", call("proxy_set_tick_period_milliseconds", 1)).
			on("on_tick", say("tick"), call("proxy_set_tick_period_milliseconds", hour), count(0), unless(0, 1, say("again"))), ticking)
		(&exchange{}).run(f)
		h.wait("tick")
		(&exchange{}).run(f) // and again, from the hour that the tick set
		h.wait("again")
		h.expect("set_tick_period_milliseconds=0", "set_tick_period_milliseconds=0", "tick", "set_tick_period_milliseconds=0",
			"set_tick_period_milliseconds=0", "tick", "set_tick_period_milliseconds=0", "again")
	})
	t.Run("PW-026 roots tick by themselves, a stream arms its root's", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", tick(1)).
			on("on_tick", call("proxy_get_property", "plugin_name", outBytes{}), tick(0))
		a, b := h.load(s, ticking, named("a")), h.load(s, ticking, named("b"))
		(&exchange{}).run(a)
		h.wait("get_property=0 a")
		(&exchange{}).run(b)
		h.wait("get_property=0 b")
		h.expect("get_property=0 a", "get_property=0 b")
	})
	t.Run("PW-027 a trap in a tick", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", tick(1)).on("on_tick", trap), ticking)
		(&exchange{}).run(f)
		h.wait("a filter failed; its instance is replaced")
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("PW-028 no answer and no stream in a tick", func(t *testing.T) {
		h := newHost(t)
		h.load(newScript().on("on_configure", tick(1)).
			on("on_tick", tick(0), reply(403, "", ""), get(0, "a"), call("proxy_continue_stream", 0), call("proxy_close_stream", 0), say("end")), ticking)
		h.wait("end")
		h.expect("send_local_response=2", "get_header_map_value=2 ", "continue_stream=0", "close_stream=0", "end")
	})
	t.Run("a period below the shortest is the shortest", func(t *testing.T) {
		h := newHost(t)
		begin := time.Now()
		h.load(newScript().on("on_configure", tick(1)).on("on_tick", tick(0), say("tick")), func(s *proxywasm.Spec) { s.MinTick = 50 * time.Millisecond })
		h.wait("tick")
		if d := time.Since(begin); d < 50*time.Millisecond {
			t.Errorf("ticked after %v", d)
		}
	})
	t.Run("every lane ticks, and knows its number", func(t *testing.T) {
		h := newHost(t)
		h.load(newScript().on("on_configure", tick(1)).
			on("on_tick", call("proxy_get_property", "weir.lane", outHex{}), tick(0)), ticking, func(s *proxywasm.Spec) { s.Lanes = 1 })
		h.wait("get_property=0 0000000000000000")
	})
}

func TestRoot(t *testing.T) {
	t.Run("PW-029 the end of a root, PW-126 after its last stream", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_request_headers").on("on_log").on("on_done").on("on_delete")
		keep := h.load(s, named("keep"))
		f, err := h.try(s, named("gone"))
		if err != nil {
			t.Fatal(err)
		}
		x := exchange{}
		x.begin(chain.New([]chain.Link{{Filter: f}}, 1<<20))
		x.st.Head(filter.Request, true)
		f.Close()
		h.expect("on_request_headers(3,4,1)")
		var o outcome
		x.finish(&o)
		h.expect("on_log(3)", "on_done(3)", "on_delete(3)", "on_done(2)", "on_delete(2)")
		(&exchange{}).run(keep)
		h.expect("on_request_headers(4,4,1)", "on_log(4)", "on_done(4)", "on_delete(4)")
	})
	t.Run("PW-029 on_done answers false, proxy_done comes later; PW-030", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_done", tick(1), ret(0)).on("on_tick", tick(0), call("proxy_done"), call("proxy_done")).on("on_delete", say("deleted"))
		h.load(s, ticking, named("keep"))
		f, err := h.try(s, ticking, named("gone"))
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		h.wait("deleted")
		h.expect("on_done(2)", "on_tick(2)", "done=0", "done=1", "on_delete(2)", "deleted")
	})
	t.Run("PW-029 the end of the host waits for no proxy_done", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		h.load(s.on("on_done", ret(0)).on("on_delete"))
		h.Close()
		h.expect("on_done(1)")
	})
	t.Run("PW-030 proxy_done where nothing waits", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", call("proxy_done")).on("on_done", call("proxy_done")))
		(&exchange{}).run(f)
		h.expect("done=1", "done=1")
	})
	t.Run("PW-031 a configuration that is refused leaves the old one", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_configure", when(1, 3, say("bad"), ret(0))).on("on_request_headers").on("on_delete")
		old := h.load(s, named("aa"))
		if _, err := h.try(s, named("bad")); err == nil || !strings.Contains(err.Error(), "bad") {
			t.Errorf("error %v", err)
		}
		if o := (&exchange{}).run(old); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_configure(1,2)", "on_configure(2,3)", "bad", "on_delete(2)", "on_request_headers(3,4,1)", "on_delete(3)")
	})
	t.Run("equal filters are one", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_configure").on("on_delete")
		a, b := h.load(s), h.load(s)
		if a != b || a.Group() != b.Group() {
			t.Error("an equal spec made another filter")
		}
		h.expect("on_configure(1,0)")
	})
	t.Run("PW-037 two filters of a VM in one chain, PW-036 or of two", func(t *testing.T) {
		for vm, shared := range map[string]bool{"": true, "v": true, proxywasm.OwnVM: false} {
			h := newHost(t)
			s := newScript()
			s.trace = true
			s.on("on_context_create").on("on_request_headers", count(0), unless(0, 2, say("first"))).on("on_delete")
			in := func(s *proxywasm.Spec) { s.VM = vm }
			a, b := h.load(s, in, named("a")), h.load(s, in, named("b"))
			if (a.Group() == b.Group()) != shared {
				t.Errorf("vm %q: one group %t, want %t", vm, a.Group() == b.Group(), shared)
			}
			h.log.take()
			(&exchange{}).run(a, b)
			if shared {
				h.expect("on_context_create(3,1)", "on_request_headers(3,4,1)", "first", "on_context_create(4,2)", "on_request_headers(4,4,1)", "on_delete(3)", "on_delete(4)")
			} else {
				h.expect("on_context_create(2,1)", "on_request_headers(2,4,1)", "first", "on_context_create(2,1)", "on_request_headers(2,4,1)", "first", "on_delete(2)", "on_delete(2)")
			}
		}
	})
	t.Run("security has a VM of its own", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_log")
		a, b := h.load(s, named("a")), h.load(s, named("b"), func(s *proxywasm.Spec) { s.Security = true })
		if a.Group() == b.Group() {
			t.Error("they share one")
		}
	})
	t.Run("a fresh instance gets every live root", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_configure").on("on_request_headers", when(1, 5, trap))
		a, b := h.load(s, named("a")), h.load(s, named("bb"))
		h.log.take()
		(&exchange{headers: []string{"boom: 1"}}).run(a)
		(&exchange{}).run(b)
		h.expect("on_request_headers(3,5,1)", "a filter failed; its instance is replaced", "on_configure(1,1)", "on_configure(2,2)", "on_request_headers(3,4,1)")
	})
	t.Run("stats", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", when(1, 5, stepFunc(func(*script) Code {
			return Seq(I32(10000), Set(0), Loop(Get(0), I32(1), Sub32, Tee(0), BrIf(0)))
		})), when(1, 6, trap))
		busy, idle := h.load(s, named("busy")), h.load(s, named("idle"))
		for range 3 {
			(&exchange{headers: []string{"a: b"}}).run(busy)
			(&exchange{}).run(idle)
		}
		(&exchange{headers: []string{"a: b", "c: d"}}).run(idle)
		a, b := h.Stats()[0], h.Stats()[1]
		if a.Name != "busy" || a.RootID != "root" || a.Streams != 3 || a.Traps != 0 || len(a.Lanes) != 1 || len(a.Module) != 64 {
			t.Errorf("stats %+v", a)
		}
		if b.Name != "idle" || b.Streams != 4 || b.Traps != 1 {
			t.Errorf("stats %+v", b)
		}
		if all := time.Duration(a.Lanes[0].Fuel); a.CPU < 30*time.Microsecond || a.CPU < 10*b.CPU || a.CPU+b.CPU != all {
			t.Errorf("%v and %v of %v", a.CPU, b.CPU, all)
		}
	})
	t.Run("a load that is cancelled", func(t *testing.T) {
		h := newHost(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := h.Filter(ctx, proxywasm.Spec{Name: "f", Code: newScript().bytes()}); err == nil {
			t.Error("loaded")
		}
	})
}
