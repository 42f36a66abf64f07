package proxywasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/fault"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// refused checks that a script does not load, for a reason.
func refused(t *testing.T, s *script, reason string, edit ...func(*proxywasm.Spec)) {
	t.Helper()
	refusedCode(t, s.bytes(), reason, edit...)
}

func refusedCode(t *testing.T, code []byte, reason string, edit ...func(*proxywasm.Spec)) {
	t.Helper()
	f, err := newHost(t).tryCode(code, edit...)
	if err == nil {
		f.Close()
		t.Fatalf("loaded; want an error with %q", reason)
	}
	if !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), `"f"`) {
		t.Errorf("error %q, want one that names the filter and has %q", err, reason)
	}
}

func TestLoadVersions(t *testing.T) {
	t.Run("PW-001 no marker", func(t *testing.T) {
		s := newScript()
		s.marker = ""
		refused(t, s, "no Proxy-Wasm version marker")
	})
	t.Run("PW-002 unknown marker", func(t *testing.T) {
		s := newScript()
		s.marker = "proxy_abi_version_0_9_9"
		refused(t, s, "no Proxy-Wasm version marker")
	})
	t.Run("PW-003 two markers", func(t *testing.T) {
		s := newScript()
		s.exports = func(m *Module) { m.Func("proxy_abi_version_0_2_0", "") }
		refused(t, s, "several")
	})
	t.Run("PW-003 a global is no marker", func(t *testing.T) {
		s := newScript()
		s.exports = func(m *Module) { m.ExportGlobal("proxy_abi_version_0_1_0", m.Global('i', 0)) }
		newHost(t).load(s)
	})
	t.Run("the marker's type does not matter", func(t *testing.T) {
		s := newScript()
		s.marker = ""
		s.exports = func(m *Module) { m.Func("proxy_abi_version_0_2_0", "i:i", Get(0)) }
		newHost(t).load(s)
	})
}

func TestLoadStart(t *testing.T) {
	t.Run("PW-004 _initialize, then main, before anything else", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_context_create", say("context"))
		s.exports = func(m *Module) {
			m.Data(200, []byte("initmain_start"))
			log := s.imports["proxy_log"]
			m.Func("_initialize", "", I32(2), I32(200), I32(4), Call(log), Drop)
			m.Func("main", "ii:i", I32(2), I32(204), I32(4), Call(log), Drop, I32(3))
			m.Func("_start", "", I32(2), I32(208), I32(6), Call(log), Drop)
		}
		h.load(s)
		h.expect("init", "main", "context")
	})
	t.Run("PW-005 _start without _initialize, and its exit", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", say("alive"))
		var exit uint32
		s.extra = func(m *Module) { exit = m.Import("wasi_snapshot_preview1", "proc_exit", "i") }
		s.exports = func(m *Module) { m.Func("_start", "", I32(0), Call(exit)) }
		f := h.load(s)
		(&exchange{}).run(f)
		h.expect("alive")
	})
	t.Run("PW-006 exit with a code other than 0", func(t *testing.T) {
		s := newScript()
		var exit uint32
		s.extra = func(m *Module) { exit = m.Import("wasi_snapshot_preview1", "proc_exit", "i") }
		s.exports = func(m *Module) { m.Func("_start", "", I32(1), Call(exit)) }
		refused(t, s, "code 1")
	})
	t.Run("PW-014 start code may only log", func(t *testing.T) {
		for _, f := range hostFunctions[1:] { // the first is proxy_log
			s := newScript()
			s.exports = func(m *Module) {
				var args Code
				for _, letter := range f.params {
					if letter == 'I' {
						args = Seq(args, I64(1))
					} else {
						args = Seq(args, I32(24))
					}
				}
				m.Func("_initialize", "", args, Call(s.imports[f.name]), Drop)
			}
			refused(t, s, f.name)
		}
	})
	t.Run("PW-014 start code may call WASI", func(t *testing.T) {
		s := wasiScript("wasi_snapshot_preview1")
		s.exports = func(m *Module) {
			m.Func("_initialize", "", Call(s.imports["sched_yield"]), If(Unreachable), I32(600), I32(16), Call(s.imports["random_get"]), If(Unreachable),
				I32(1), Call(s.imports["fd_close"]), If(Unreachable), I32(1), I64(0), I32(600), Call(s.imports["clock_time_get"]), If(Unreachable))
		}
		newHost(t).load(s)
	})
	t.Run("PW-014 a start section must not call the host", func(t *testing.T) {
		s := newScript()
		s.exports = func(m *Module) {
			m.Start(m.Func("", "", I32(2), I32(0), I32(0), Call(s.imports["proxy_log"]), Drop))
		}
		refused(t, s, "proxy_log")
	})
	t.Run("PW-023 an endless start", func(t *testing.T) {
		s := newScript()
		s.exports = func(m *Module) { m.Func("_initialize", "", Loop(Br(0))) }
		_, err := newHost(t).try(s)
		if fault.KindOf(err) != fault.GuestBudget {
			t.Errorf("error %v, want one of kind %v", err, fault.GuestBudget)
		}
	})
}

func TestLoadExports(t *testing.T) {
	t.Run("PW-008 no allocator", func(t *testing.T) {
		s := newScript()
		s.malloc = ""
		refused(t, s, `"malloc"`)
	})
	t.Run("malloc goes before proxy_on_memory_allocate", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_configure", call("proxy_get_property", "plugin_name", outBytes{}))
		s.exports = func(m *Module) { m.Func("proxy_on_memory_allocate", "i:i", Unreachable) }
		h.load(s)
		h.expect("get_property=0 f")
	})
	t.Run("an allocator of another type", func(t *testing.T) {
		s := newScript()
		s.malloc = ""
		s.exports = func(m *Module) { m.Func("malloc", "ii:i", Get(0)) }
		refused(t, s, "malloc")
	})
	t.Run("PW-011 no callbacks at all", func(t *testing.T) {
		f := newHost(t).load(newScript())
		if f.Phases() != 0 {
			t.Errorf("phases %b, want none", f.Phases())
		}
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("downstream %q", o.downstream)
		}
	})
	t.Run("PW-012 a callback of no version's type", func(t *testing.T) {
		for _, sig := range []string{"i:i", "iiii:i", "iii", "iiI:i", "Iii:i"} {
			s := newScript()
			s.exports = func(m *Module) {
				if body := Code(nil); sig[len(sig)-2] == ':' {
					m.Func("proxy_on_request_headers", sig, body, I32(0))
				} else {
					m.Func("proxy_on_request_headers", sig, body)
				}
			}
			refused(t, s, "proxy_on_request_headers")
		}
	})
	t.Run("PW-013 not a module", func(t *testing.T) {
		for name, code := range map[string]string{
			"cut": string(newScript().bytes()[:40]), "text": "hello", "component": "\x00asm\x0d\x00\x01\x00",
		} {
			t.Run(name, func(t *testing.T) { refusedCode(t, []byte(code), "") })
		}
		refusedCode(t, nil, "empty")
	})
}

func TestLoadImports(t *testing.T) {
	t.Run("PW-009 unknown imports answer UNIMPLEMENTED, said once", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		var a, b, c uint32
		s.extra = func(m *Module) {
			a = m.Import("env", "proxy_redis_init", "iiii:i")
			b = m.Import("env", "proxy_get_metadata", "i:i")
			c = m.Import("env", "emscripten_notify_memory_growth", "i")
			m.Import("env", "wide", "I:I")
		}
		s.on("on_configure", stepFunc(func(s *script) Code {
			return Seq(
				I32(1), I32(2), I32(3), I32(4), Call(a), s.local("dec"), s.local("flush"),
				I32(1), Call(b), s.local("dec"), s.local("flush"),
				I32(1), Call(c))
		}))
		h.load(s)
		lines := h.log.take()
		if len(lines) != 3 || !strings.Contains(lines[0], "UNIMPLEMENTED") || lines[1] != "12" || lines[2] != "12" {
			t.Errorf("lines %q", lines)
		}
	})
	t.Run("PW-009 calls of gRPC as the AssemblyScript SDK declares them", func(t *testing.T) {
		m := New()
		m.Import("env", "proxy_grpc_call", "iiiiiiii:i")
		m.Import("env", "proxy_grpc_stream", "iiii:i")
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", I32(64))
		h := newHost(t)
		f, err := h.tryCode(m.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	})
	t.Run("PW-010 an import of another signature", func(t *testing.T) {
		m := New()
		m.Import("env", "proxy_get_property", "ii:i")
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", I32(64))
		refusedCode(t, m.Bytes(), "proxy_get_property")
	})
	t.Run("an import of no known module", func(t *testing.T) {
		m := New()
		m.Import("elsewhere", "f", "")
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", I32(64))
		refusedCode(t, m.Bytes(), "elsewhere")
	})
}

func TestLoadConfiguration(t *testing.T) {
	big := strings.Repeat("x", 100<<10)
	with := func(config, vm string) func(*proxywasm.Spec) {
		return func(s *proxywasm.Spec) { s.Config, s.VMConfig = []byte(config), []byte(vm) }
	}
	t.Run("PW-015 on_vm_start answers false", func(t *testing.T) {
		refused(t, newScript().on("on_vm_start", say("no license"), ret(0)), "no license")
	})
	t.Run("PW-016 on_configure answers false", func(t *testing.T) {
		s := newScript().on("on_configure", say("first"), say("key \x1b[31m\"a\" is missing\r\n"), ret(0))
		refused(t, s, "it logged: first | key ?[31m\"a\" is missing")
	})
	t.Run("PW-017 a trap in either", func(t *testing.T) {
		refused(t, newScript().on("on_vm_start", trap), "proxy_on_vm_start")
		refused(t, newScript().on("on_configure", trap), "proxy_on_configure")
		refused(t, newScript().on("on_context_create", trap), "proxy_on_context_create")
	})
	t.Run("PW-018 buffers 6 and 7", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		s.on("on_vm_start",
			call("proxy_get_buffer_bytes", 6, 0, -1, outBytes{}),
			call("proxy_get_buffer_bytes", 7, 0, -1, outBytes{}),
		).on("on_configure",
			call("proxy_get_buffer_bytes", 7, 0, -1, outBytes{}),
			call("proxy_get_buffer_bytes", 7, 1, 2, outBytes{}),
			call("proxy_get_buffer_bytes", 6, 0, 0x7fffffff, outBytes{}),
			call("proxy_get_buffer_bytes", 8, 0, -1, outBytes{}),
			call("proxy_get_buffer_status", 7, outWord{}, 40),
			call("proxy_set_buffer_bytes", 7, 0, 0, "x"),
			call("proxy_set_buffer_bytes", 6, 0, 0, "x"),
		).on("on_request_headers",
			call("proxy_get_buffer_bytes", 6, 0, -1, outBytes{}),
			call("proxy_get_buffer_bytes", 7, 0, -1, outBytes{}),
			call("proxy_set_buffer_bytes", 7, 0, 0, "x"),
		)
		f := h.load(s, with("plugin", "vm"))
		h.expect("on_vm_start(1,2)", "get_buffer_bytes=0 vm", "get_buffer_bytes=1 ",
			"on_configure(1,6)", "get_buffer_bytes=0 plugin", "get_buffer_bytes=0 lu", "get_buffer_bytes=0 vm", "get_buffer_bytes=1 ",
			"get_buffer_status=0 6", "set_buffer_bytes=2", "set_buffer_bytes=2")
		(&exchange{}).run(f)
		h.expect("on_request_headers(2,4,1)", "get_buffer_bytes=0 vm", "get_buffer_bytes=1 ", "set_buffer_bytes=1")
	})
	t.Run("PW-069 configuration cannot be changed", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_vm_start", splice(6, 0, 0, "x"), splice(6, 0, -1, "x"), splice(7, 0, 0, "x"), body(6)).
			on("on_configure", splice(7, 0, 0, "x"), splice(7, 0, -1, "x"), splice(6, 0, 0, "x"), body(6), body(7)).
			on("on_request_headers", splice(7, 0, 0, "x"), splice(6, 0x7fffffff, 0, "x"), body(6)), with("plugin", "vm"))
		(&exchange{}).run(f)
		h.expect("set_buffer_bytes=2", "set_buffer_bytes=2", "set_buffer_bytes=1", "get_buffer_bytes=0 vm",
			"set_buffer_bytes=2", "set_buffer_bytes=2", "set_buffer_bytes=2", "get_buffer_bytes=0 vm", "get_buffer_bytes=0 plugin",
			"set_buffer_bytes=1", "set_buffer_bytes=2", "get_buffer_bytes=0 vm")
	})
	t.Run("PW-019 no configuration", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		h.load(s.on("on_configure", call("proxy_get_buffer_bytes", 7, 0, -1, outBytes{})))
		h.expect("on_configure(1,0)", "get_buffer_bytes=0 ")
	})
	t.Run("PW-020 100 KB of configuration", func(t *testing.T) {
		h := newHost(t)
		h.load(newScript().on("on_configure",
			call("proxy_get_buffer_status", 7, outWord{}, 0),
			call("proxy_get_buffer_bytes", 7, len(big)-2, -1, outBytes{})), with(big, ""))
		h.expect("get_buffer_status=0 102400", "get_buffer_bytes=0 xx")
	})
	t.Run("PW-021 environment", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		var sizes, get uint32
		s.extra = func(m *Module) {
			sizes = m.Import("wasi_snapshot_preview1", "environ_sizes_get", "ii:i")
			get = m.Import("wasi_snapshot_preview1", "environ_get", "ii:i")
		}
		s.on("on_configure", stepFunc(func(s *script) Code {
			return Seq(I32(600), I32(604), Call(sizes), Drop, I32(608), I32(700), Call(get), Drop,
				I32(700), I32(5), s.local("put"), s.local("flush"))
		}))
		h.load(s, func(s *proxywasm.Spec) { s.Env = map[string]string{"KEY": "v"} })
		h.expect("KEY=v")
	})
	t.Run("PW-022 more memory than allowed", func(t *testing.T) {
		refused(t, newScript(), "memory", func(s *proxywasm.Spec) { s.MemoryPages = 8 })
	})
	t.Run("what the root may do while it is configured", func(t *testing.T) {
		h := newHost(t)
		h.load(newScript().on("on_configure",
			call("proxy_get_property", "plugin_root_id", outBytes{}),
			call("proxy_set_shared_data", "k", "v", 0),
			call("proxy_register_shared_queue", "q", outWord{}),
			call("proxy_define_metric", 0, "m", outWord{}),
			call("proxy_set_tick_period_milliseconds", 0),
			call("proxy_send_local_response", 403, "", "", "", -1),
			call("proxy_continue_stream", 0),
			call("proxy_done"),
			call("proxy_get_header_map_value", 0, ":path", outBytes{}),
			call("proxy_get_header_map_pairs", 0, outBytes{}),
			call("proxy_set_property", "a", "b"),
		))
		h.expect("get_property=0 root", "set_shared_data=0", "register_shared_queue=0 1", "define_metric=0 4",
			"set_tick_period_milliseconds=0", "send_local_response=2", "continue_stream=0", "done=1",
			"get_header_map_value=2 ", "get_header_map_pairs=0 ", "set_property=1")
	})
	t.Run("a security filter must fail closed", func(t *testing.T) {
		refused(t, newScript(), "on_error", func(s *proxywasm.Spec) { s.Security, s.OnError = true, 1 })
	})
}
