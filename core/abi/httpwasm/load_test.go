package httpwasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// module is one with these exports, which http-wasm asks for where they are not
// left out or changed.
func module(change func(m *Module, signatures map[string]string)) []byte {
	m := New()
	s := map[string]string{"handle_request": ":I", "handle_response": "ii"}
	m.Memory(1, 0)
	change(m, s)
	for name, sig := range s {
		_, results, _ := strings.Cut(sig, ":")
		var body Code
		for _, r := range results {
			body = Seq(body, map[rune]Code{'i': I32(1), 'I': I64(1)}[r])
		}
		m.Func(name, sig, body)
	}
	return m.Bytes()
}

// TestLoading: what is wrong with a module is said when it is loaded.
func TestLoading(t *testing.T) {
	bare := New()
	bare.Func("handle_request", ":I", I64(1))
	bare.Func("handle_response", "ii")
	for name, c := range map[string]struct {
		code []byte
		keys []string
		want string
	}{
		"nothing of any ABI": {code: New().Bytes(), want: "of no filter ABI that is known here"},
		"of both ABIs": {code: module(func(m *Module, s map[string]string) { s["proxy_abi_version_0_2_1"] = "" }),
			want: "of two filter ABIs: it exports proxy_abi_version_0_2_1"},
		"no Wasm": {code: []byte("#!/bin/sh"), want: "not a WebAssembly module"},
		"no handle_response": {code: module(func(_ *Module, s map[string]string) { delete(s, "handle_response") }),
			want: `exports no function "handle_response"`},
		"no memory": {code: bare.Bytes(), want: `exports no memory "memory"`},
		"handle_request of another type": {code: module(func(_ *Module, s map[string]string) { s["handle_request"] = ":i" }),
			want: `exports "handle_request" as () -> i32, http-wasm asks for () -> i64`},
		"a function imported with another type": {code: module(func(m *Module, _ map[string]string) { m.Import("http_handler", "get_uri", "i:i") }),
			want: `import "http_handler"."get_uri" (i32)->i32: the module declares another signature than (i32,i32) -> i32`},
		"an import of nobody's": {code: module(func(m *Module, _ map[string]string) { m.Import("other", "f", "") }),
			want: `import "other"."f" (): the host has no function of this name and type`},
		"a start that traps": {code: (&guest{start: []step{code(Unreachable)}}).bytes(), want: "unreachable"},
		"a start that asks for a request": {code: (&guest{start: []step{get("get_method")}}).bytes(),
			want: "get_method called while no request is handled"},
		"a start without an end":  {code: (&guest{start: []step{code(Loop(Br(0)))}}).bytes(), want: "budget"},
		"a key of proxy-wasm's":   {code: (&guest{}).bytes(), keys: []string{`vm = "own"`}, want: "vm is given, but the module is of http-wasm"},
		"calls":                   {code: (&guest{}).bytes(), keys: []string{`calls = ["up"]`}, want: "calls is given, but"},
		"more memory than it may": {code: module(func(m *Module, _ map[string]string) { m.Memory(100, 0) }), keys: []string{`memory = "1MiB"`}, want: "memory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			toml := coretest.Gateway("127.0.0.1:1", `filters = ["guest"]`, coretest.Wasm(), coretest.FilterTable("guest", coretest.Module(t, c.code), "", c.keys...))
			_, err := coretest.Start(t, toml, coretest.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "filters.guest") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestStart: what a module can do while it starts, and with functions that the
// host does not have.
func TestStart(t *testing.T) {
	t.Run("configuration and features", func(t *testing.T) {
		r := serve(t, &guest{start: []step{
			get("get_config"), ask("enable_features", 0), ask("enable_features", 3), ask("enable_features", 8), say("started"), ask("log_enabled", 0),
		}, request: []step{ask("enable_features", 0), get("get_config")}}, echo(t), `config = { b = 1, a = "x" }`)
		r.get("/")
		r.expect(`get_config=15 {"a":"x","b":1}`, "enable_features=0", "enable_features=3", "enable_features=3", "started", "log_enabled=1",
			"enable_features=3", `get_config=15 {"a":"x","b":1}`)
	})

	t.Run("a function of a newer ABI is no reason not to load", func(t *testing.T) {
		code := module(func(m *Module, _ map[string]string) {
			m.Import("http_handler", "get_weather", "ii:i")
			m.Import("env", "abort", "iiii")
		})
		up := echo(t)
		p := coretest.Proxy(t, gateway(up.Addr, coretest.Module(t, code)))
		if got := coretest.Get(t, p.Addr("gateway"), "/").Status; got != 200 {
			t.Errorf("status %d", got)
		}
		if !p.Log.Has("imports functions that this host does not have", "env.abort http_handler.get_weather") {
			t.Error("the log does not name them")
		}
	})

	t.Run("calling it ends the instance", func(t *testing.T) {
		code := module(func(m *Module, s map[string]string) {
			f := m.Import("env", "abort", "iiii")
			delete(s, "handle_request")
			m.Func("handle_request", ":I", I32(0), I32(0), I32(0), I32(0), Call(f), I64(1))
		})
		up := echo(t)
		p := coretest.Proxy(t, gateway(up.Addr, coretest.Module(t, code)))
		if got := coretest.Get(t, p.Addr("gateway"), "/").Status; got != 503 {
			t.Errorf("status %d", got)
		}
		if !p.Log.Has("env.abort called, which this host does not have") {
			t.Error("the log does not name it")
		}
	})
}

// TestLog: levels, and what never traps.
func TestLog(t *testing.T) {
	r := serve(t, &guest{request: []step{
		ask("log_enabled", -1), ask("log_enabled", 0), ask("log_enabled", 2), ask("log_enabled", 3), ask("log_enabled", -2),
		do("log", -1, "debug"), do("log", 1, "warn"), do("log", 2, "error\nin two lines"), do("log", 3, "none"), do("log", 99, "none"), do("log", 0, -5, 100),
		do("log", 0, ""),
	}}, echo(t))
	if got := r.get("/").Status; got != 200 {
		t.Errorf("status %d", got)
	}
	r.expect("log_enabled=0", "log_enabled=1", "log_enabled=1", "log_enabled=0", "log_enabled=0", "warn", "error?in two lines", "")
	if !r.Log.Has(`"level":"WARN"`, `"msg":"warn"`, `"stream":`) || !r.Log.Has(`"level":"ERROR"`, "two lines") {
		t.Errorf("levels are lost: %s", r.Log)
	}
}
