package proxywasm_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func setShared(key, value string, cas int) step {
	return call("proxy_set_shared_data", key, value, cas)
}
func getShared(key string) step { return call("proxy_get_shared_data", key, outBytes{}, outWord{}) }

func TestSharedData(t *testing.T) {
	t.Run("PW-109", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers",
			getShared("k"), setShared("k", "v", 7), getShared("k"), setShared("k", "w", 1), getShared("k"), setShared("k", "x", 1),
			setShared("k", "y", 0), getShared("k"), setShared("e", "", 0), getShared("e"), setShared("", "empty", 0), getShared(""),
			setShared(strings.Repeat("k", 257), "", 0), setShared("big", strings.Repeat("v", 20<<10), 0)))
		(&exchange{}).run(f)
		got := h.log.take()
		want := []string{"get_shared_data=1  0", "set_shared_data=0", "get_shared_data=0 v 1", "set_shared_data=0", "get_shared_data=0 w 2", "set_shared_data=8",
			"set_shared_data=0", "get_shared_data=0 y 3", "set_shared_data=0", "get_shared_data=0  1", "set_shared_data=0", "get_shared_data=0 empty 1",
			"set_shared_data=10", "set_shared_data=0"}
		for i := range want {
			// The numbers are those of a shard: of other keys only that they are not 0.
			if cut := strings.LastIndex(want[i], " "); i > 7 && cut > 0 && strings.HasPrefix(got[i], want[i][:cut]) {
				continue
			}
			if got[i] != want[i] {
				t.Errorf("line %d: %q, want %q", i, got[i], want[i])
			}
		}
	})
	t.Run("PW-109 lives through a trap, not visible in another VM", func(t *testing.T) {
		h := newHost(t)
		s := newScript().on("on_request_headers", getShared("k"), setShared("k", "v", 0), when(1, 5, trap))
		f := h.load(s)
		other := h.load(s, func(s *proxywasm.Spec) { s.VM = "other" })
		(&exchange{headers: []string{"a: b"}}).run(f)
		(&exchange{}).run(f)
		(&exchange{}).run(other)
		h.expect("get_shared_data=1  0", "set_shared_data=0", "a filter failed; its instance is replaced",
			"get_shared_data=0 v 1", "set_shared_data=0", "get_shared_data=1  0", "set_shared_data=0")
	})
}

func TestQueues(t *testing.T) {
	pop := call("proxy_dequeue_shared_queue", 1, outBytes{})
	push := func(id int, v string) step { return call("proxy_enqueue_shared_queue", id, v) }
	t.Run("PW-110", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers",
			call("proxy_resolve_shared_queue", "", "q", outWord{}), call("proxy_register_shared_queue", "q", outWord{}),
			call("proxy_register_shared_queue", "q", outWord{}), call("proxy_resolve_shared_queue", "", "q", outWord{}),
			call("proxy_resolve_shared_queue", "other", "q", outWord{}), pop, push(1, "a"), push(1, ""), push(1, "c"), pop, pop, pop, pop,
			push(0, "x"), push(99, "x"), call("proxy_dequeue_shared_queue", 99, outBytes{})))
		(&exchange{}).run(f)
		h.expect("resolve_shared_queue=1 0", "register_shared_queue=0 1", "register_shared_queue=0 1", "resolve_shared_queue=0 1",
			"resolve_shared_queue=1 0", "dequeue_shared_queue=7 ", "enqueue_shared_queue=0", "enqueue_shared_queue=0", "enqueue_shared_queue=0",
			"dequeue_shared_queue=0 a", "dequeue_shared_queue=0 ", "dequeue_shared_queue=0 c", "dequeue_shared_queue=7 ",
			"enqueue_shared_queue=1", "enqueue_shared_queue=1", "dequeue_shared_queue=1 ")
	})
	t.Run("PW-110 the registrant is told of each item, also from another VM", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		h.load(s.on("on_configure", quiet("proxy_register_shared_queue", "q", outWord{})).on("on_queue_ready", pop),
			named("reader"), func(s *proxywasm.Spec) { s.VM = "r" })
		writer := h.load(newScript().on("on_request_headers", call("proxy_resolve_shared_queue", "r", "q", outWord{}), push(1, "a"), push(1, "b")), named("writer"))
		(&exchange{}).run(writer)
		h.wait("dequeue_shared_queue=0 a")
		h.wait("dequeue_shared_queue=0 b")
	})
}

func TestMetrics(t *testing.T) {
	define := func(kind int, name string) step { return call("proxy_define_metric", kind, name, outWord{}) }
	value := func(id int) step { return call("proxy_get_metric", id, outLong{}) }
	t.Run("PW-111", func(t *testing.T) {
		h := newHost(t)
		inc := func(id int, by int64) step { return call("proxy_increment_metric", id, by) }
		rec := func(id int, v int64) step { return call("proxy_record_metric", id, v) }
		f := h.load(newScript().on("on_request_headers",
			define(0, "c"), define(1, "g"), define(2, "h"), define(3, "x"), define(0, "c"),
			inc(4, 2), rec(4, 3), value(4), inc(4, 0), inc(4, -1), rec(9, 7), inc(9, -2), value(9), rec(14, 5), inc(14, 1), value(14),
			value(999999), inc(7, 1), rec(999999, 1), value(0)))
		(&exchange{}).run(f)
		h.expect("define_metric=0 4", "define_metric=0 9", "define_metric=0 14", "define_metric=2 0", "define_metric=0 4",
			"increment_metric=0", "record_metric=0", "get_metric=0 5", "increment_metric=2", "increment_metric=2", "record_metric=0", "increment_metric=0",
			"get_metric=0 5", "record_metric=0", "increment_metric=2", "get_metric=2 0",
			"get_metric=2 0", "increment_metric=2", "record_metric=1", "get_metric=1 0")
	})
}

func TestProperties(t *testing.T) {
	text := func(path string) step { return call("proxy_get_property", path, outBytes{}) }
	hex := func(path string) step { return call("proxy_get_property", path, outHex{}) }
	le := func(n int64) string {
		b := make([]byte, 8)
		for i := range b {
			b[i] = byte(n >> (8 * i))
		}
		return hexOf(string(b))
	}
	x := exchange{head: "GET /a?b=c a.example", headers: []string{"x-request-id: id", "user-agent: ua", "referer: r", "x-a: 1", "x-a: 2"}, status: 201, responseHeaders: []string{"x-r: 1"}}
	t.Run("PW-112 in the request", func(t *testing.T) {
		h := newHost(t)
		cases := []struct {
			step step
			want string
		}{
			{text("request\x00path"), "0 /a?b=c"}, {text("request\x00url_path"), "0 /a"}, {text("request\x00query"), "0 b=c"}, {text("request\x00host\x00"), "0 a.example"},
			{text("request\x00scheme"), "0 http"}, {text("request\x00method"), "0 GET"}, {text("request\x00protocol"), "0 HTTP/1.1"}, {text("request\x00id"), "0 id"},
			{text("request\x00referer"), "0 r"}, {text("request\x00useragent"), "0 ua"}, {text("request\x00headers\x00X-A"), "0 1,2"}, {text("request\x00headers\x00referer"), "0 r"}, {text("request\x00headers\x00none"), "1 "},
			{text("request\x00headers\x00:path"), "0 /a?b=c"}, {text("request\x00headers\x00Host"), "0 a.example"}, {text("request\x00headers\x00x-a\x00b"), "1 "}, {text("request\x00path\x00x"), "1 "},
			{hex("request\x00headers"), "0 " + hexOf(pairs(":authority", "a.example", ":path", "/a?b=c", ":method", "GET", ":scheme", "http",
				"x-request-id", "id", "user-agent", "ua", "referer", "r", "x-a", "1,2"))},
			{hex("request\x00time"), "0 " + le(1700000000e9)}, {hex("request\x00duration"), "1 "}, {hex("request\x00size"), "0 " + le(0)}, {hex("request\x00total_size"), "0 " + le(0)},
			{text("request"), "3 "}, {text(""), "3 "}, {text("request.path"), "1 "}, {text("request\x00none"), "1 "}, {text("response"), "3 "}, {text("source"), "3 "}, {text("upstream"), "3 "}, {text("connection"), "3 "}, {text("xds"), "3 "},
			{hex("xds\x00node"), "0 " + hexOf("\x0a\x06node-1\x32\x04weir\x3a\x051.2.3")}, {hex("node"), "0 " + hexOf("\x0a\x06node-1\x32\x04weir\x3a\x051.2.3")}, {hex("response\x00headers"), "0 " + hexOf(pairs())}, {hex("response\x00trailers"), "0 " + hexOf(pairs())},
			{hex("response\x00total_size"), "0 " + le(0)}, {hex("response\x00grpc_status"), "1 "}, {hex("upstream\x00request_attempt_count"), "0 " + le(0)}, {text("upstream\x00transport_failure_reason"), "1 "},
			{text("upstream\x00none"), "1 "}, {text("xds\x00listener_metadata"), "0 "}, {text("xds\x00route_metadata"), "0 "}, {text("xds\x00cluster_metadata"), "0 "}, {text("xds\x00upstream_host_metadata"), "1 "},
			{text("xds\x00route_metadata\x00filter_metadata\x00a\x00b"), "1 "}, {text("xds\x00filter_chain_name"), "0 "}, {text("xds\x00virtual_host_name"), "1 "}, {hex("xds\x00listener_direction"), "0 " + le(0)}, {text("xds\x00none"), "1 "},
			{text("metadata"), "0 "}, {text("metadata\x00filter_metadata\x00a\x00b"), "1 "}, {text("filter_state"), "3 "}, {text("filter_state\x00x"), "1 "}, {text("route_metadata"), "0 "},
			{text("response\x00code"), "1 "}, {hex("response\x00flags"), "0 " + le(0)}, {hex("response\x00size"), "0 " + le(0)}, {text("response\x00headers\x00a"), "1 "},
			{text("source\x00address"), "0 192.0.2.1:4711"}, {hex("source\x00port"), "0 " + le(4711)}, {text("destination\x00address"), "0 192.0.2.2:80"}, {hex("destination\x00port"), "0 " + le(80)},
			{text("source\x00none"), "1 "}, {hex("connection\x00id"), "0 " + le(7)}, {hex("connection\x00mtls"), "0 00"}, {text("connection\x00requested_server_name"), "0 "},
			{text("connection\x00tls_version"), "1 "}, {text("connection\x00none"), "1 "}, {text("upstream\x00address"), "1 "}, {text("upstream\x00port"), "1 "},
			{text("plugin_name"), "0 f"}, {text("plugin_root_id"), "0 root"}, {text("plugin_vm_id"), "0 "}, {text("route_name"), "0 orders"}, {text("cluster_name"), "0 backend"},
			{text("xds\x00route_name"), "0 orders"}, {text("xds\x00cluster_name"), "0 backend"}, {text("node\x00id"), "0 node-1"}, {text("xds\x00node\x00id"), "0 node-1"}, {text("node\x00x"), "1 "},
			{hex("listener_direction"), "0 " + le(0)}, {hex("connection_id"), "0 " + le(7)}, {text("none"), "1 "}, {text("none\x00at\x00all"), "1 "},
			{hex("weir.lane"), "0 " + le(0)}, {hex("weir\x00lane"), "0 " + le(0)}, {text("weir.filter"), "0 f"}, {hex("weir.security"), "0 " + le(0)}, {text("weir.on_pause"), "0 stop_all"}, {text("weir.role"), "0 gateway"}, {text("weir.version"), "0 1.2.3"},
			{text("weir.client_ip"), "0 198.51.100.9"}, {text("weir.listener"), "0 gateway"}, {hex("weir.stream_id"), "0 " + le(77)}, {text("weir.none"), "1 "}, {text("weir"), "3 "},
			{text("weir.cluster"), "0 backend"}, {text("weir.peer"), "1 "}, {text("weir\x00peer"), "1 "}, {text("weir.trace_id"), "1 "}, {text("weir.span_id"), "1 "}, {hex("weir.tries"), "0 " + le(0)},
		}
		var steps []step
		var want []string
		for _, c := range cases {
			steps = append(steps, c.step)
			want = append(want, "get_property="+c.want)
		}
		x := x
		x.run(h.load(newScript().on("on_request_headers", steps...)))
		h.expect(want...)
	})
	t.Run("PW-112 in the response and in the log", func(t *testing.T) {
		h := newHost(t)
		x := x
		x.edit = func(i *stream.Info) {
			i.Upstream, i.UpstreamTime = netip.MustParseAddrPort("192.0.2.3:9000"), 5*time.Millisecond
			i.Listener, i.Details, i.Tries = "inbound", "via_upstream", 2
			i.TLS = &stream.TLSInfo{Version: "TLSv1.3", ServerName: "sni", PeerSPIFFE: "spiffe://d/a"}
			i.Secured = &stream.TLSInfo{Version: "TLSv1.2"}
			i.Trace.Trace[15], i.Trace.Span[7] = 0xab, 0xcd
		}
		x.run(h.load(newScript().
			on("on_response_headers", hex("response\x00code"), text("request\x00path"), text("response\x00headers\x00x-r"), hex("response\x00headers"), text("response\x00code_details"),
				text("response\x00grpc_status"), text("upstream\x00address"), hex("upstream\x00port"), hex("response\x00backend_latency"), hex("response\x00total_size"),
				text("response\x00trailers\x00t"), hex("listener_direction"), text("connection\x00tls_version"), text("connection\x00requested_server_name"), hex("connection\x00mtls"),
				text("connection\x00uri_san_peer_certificate"), text("weir.peer"), hex("weir.tries"), text("weir.trace_id"), text("weir.span_id"),
				text("response\x00headers\x00:status"), hex("upstream\x00request_attempt_count"), text("upstream\x00transport_failure_reason"), text("xds\x00upstream_host_metadata"), text("upstream\x00tls_version"), text("upstream\x00subject_peer_certificate"), text("upstream\x00uri_san_peer_certificate")).
			on("on_log", hex("response\x00backend_latency"), hex("response\x00code"), text("request\x00path"), text("source\x00address")).
			on("on_done", text("request\x00path"), text("source\x00address"), text("plugin_name"))))
		h.expect("get_property=0 "+le(201), "get_property=0 /a?b=c", "get_property=0 1", "get_property=0 "+hexOf(pairs(":status", "201", "x-r", "1")), "get_property=0 via_upstream",
			"get_property=1 ", "get_property=0 192.0.2.3:9000", "get_property=0 "+le(9000), "get_property=1 ", "get_property=0 "+le(4),
			"get_property=1 ", "get_property=0 "+le(1), "get_property=0 TLSv1.3", "get_property=0 sni", "get_property=0 01", "get_property=0 spiffe://d/a",
			"get_property=0 spiffe://d/a", "get_property=0 "+le(2), "get_property=0 "+strings.Repeat("0", 30)+"ab", "get_property=0 "+strings.Repeat("0", 14)+"cd",
			"get_property=0 201", "get_property=0 "+le(2), "get_property=0 ", "get_property=3 ", "get_property=0 TLSv1.2", "get_property=0 ", "get_property=1 ",
			"get_property=0 "+le(5e6), "get_property=0 "+le(201), "get_property=0 /a?b=c", "get_property=0 192.0.2.1:4711",
			"get_property=1 ", "get_property=0 192.0.2.1:4711", "get_property=0 f")
	})
	t.Run("PW-112 what filters set, for later ones and the log", func(t *testing.T) {
		h := newHost(t)
		put := func(path, v string) step { return call("proxy_set_property", path, v) }
		a := h.load(newScript().on("on_request_headers", put("a.b", "1"), put("x\x00y", "2"), put("plugin_name", "no"), put("weir\x00identity", "me"), put("", "x"),
			put("weir.cluster", "other"), put("weir.cluster", "none"), put(strings.Repeat("p", 300), "x")))
		b := h.load(newScript().on("on_request_headers", text("a.b"), text("x\x00y"), text("plugin_name"), text("weir.identity"), text("weir\x00identity")).on("on_log", put("late", "3"), text("late")))
		x := exchange{clusters: []string{"other"}, properties: map[string]string{"weir.identity": "", "late": ""}}
		x.run(a, b)
		h.expect("set_property=0", "set_property=0", "set_property=0", "set_property=0", "set_property=2", "set_property=0", "set_property=2", "set_property=2",
			"get_property=0 1", "get_property=0 2", "get_property=0 f", "get_property=0 me", "get_property=0 me", "set_property=0", "get_property=0 3")
		if x.cluster != "other" || x.properties["weir.identity"] != "me" || x.properties["late"] != "3" {
			t.Errorf("cluster %q, properties %q", x.cluster, x.properties)
		}
	})
	t.Run("a property of a stream on the root", func(t *testing.T) {
		h := newHost(t)
		h.load(newScript().on("on_configure", text("request\x00path"), text("source\x00address"), text("node\x00id"), text("weir.client_ip"), call("proxy_set_property", "a", "b"),
			text("plugin_name"), text("plugin_root_id"), text("xds\x00node\x00id"), text("metadata"), text("filter_state"), text("xds\x00route_name"), text("xds\x00listener_metadata"), hex("upstream\x00request_attempt_count")))
		h.expect("get_property=1 ", "get_property=1 ", "get_property=0 node-1", "get_property=1 ", "set_property=1",
			"get_property=0 f", "get_property=0 root", "get_property=0 node-1", "get_property=1 ", "get_property=1 ", "get_property=1 ", "get_property=1 ", "get_property=1 ")
	})
}

func TestForeign(t *testing.T) {
	foreign := func(name, args string) step {
		return call("proxy_call_foreign_function", name, args, outHex{})
	}
	t.Run("PW-113", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", foreign("none", ""), foreign("clear_route_cache", ""), foreign("weir.phases", "\x01\x00\x00\x00"),
			call("proxy_call_foreign_function", "clear_route_cache", "", 0, 0)))
		x := exchange{}
		x.run(f)
		if !x.rerouted {
			t.Error("the route was not matched again")
		}
		h.expect("call_foreign_function=1 ", "call_foreign_function=0 ", "call_foreign_function=2 ", "call_foreign_function=0")
	})
	t.Run("weir.phases leaves callbacks out", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_configure", foreign("weir.phases", "\x08\x00\x00\x00"), foreign("weir.phases", "\xff\xff\x00\x00"), foreign("weir.phases", "")).
			on("on_request_headers").on("on_response_headers").on("on_log").on("on_delete"))
		(&exchange{}).run(f)
		h.expect("on_configure(1,0)", "call_foreign_function=0 ", "call_foreign_function=2 ", "call_foreign_function=2 ", "on_response_headers(2,1,1)", "on_delete(2)")
	})
	t.Run("one that runs beside the lane", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers", foreign("weir.async.hash", "no such arguments"), ret(1)).
			on("on_foreign_function", call("proxy_get_buffer_bytes", 8, 0, -1, outHex{}), get(0, ":path"), call("proxy_continue_stream", 0)).
			on("on_response_headers", call("proxy_get_buffer_bytes", 8, 0, -1, outHex{})))
		if o := (&exchange{}).run(f); o.downstream != "200" {
			t.Errorf("outcome %+v", o)
		}
		h.expect("on_request_headers(2,4,1)", "call_foreign_function=0 01000000", "on_foreign_function(2,1,4)", "get_buffer_bytes=0 02000000",
			"get_header_map_value=0 /", "continue_stream=0", "on_response_headers(2,1,1)", "get_buffer_bytes=1 ")
	})
}

func TestLog(t *testing.T) {
	t.Run("PW-114 levels, and what would forge a line", func(t *testing.T) {
		h := newHost(t)
		h.log.level = slog.LevelWarn
		line := func(level int, text string) step { return call("proxy_log", level, text) }
		f := h.load(newScript().on("on_request_headers", quiet("proxy_log", 2, "info"), quiet("proxy_log", 3, "warn\r\n"), quiet("proxy_log", 5, "a\x1b[2J\nb\x00\xff"),
			quiet("proxy_log", 4, strings.Repeat("x", 5000)), line(6, "none")))
		(&exchange{}).run(f)
		h.expect("warn", "a?[2J?b?\ufffd", strings.Repeat("x", 4096)+"…")
	})
	t.Run("the lowest level", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", call("proxy_get_log_level", outWord{}), call("proxy_log", 9, "x")))
		(&exchange{}).run(f)
		h.expect("get_log_level=0 2", "log=2")
	})
	t.Run("fields", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", say("x")))
		(&exchange{}).run(f)
		got := ""
		h.log.records[0].Attrs(func(a slog.Attr) bool { got += a.String() + " "; return true })
		if got != "filter=f instance=0 stream=77 " {
			t.Errorf("fields %q", got)
		}
	})
	t.Run("PW-114 stdout and stderr", func(t *testing.T) {
		h := newHost(t)
		var write uint32
		s := newScript()
		s.extra = func(m *Module) { write = m.Import("wasi_snapshot_preview1", "fd_write", "iiii:i") }
		out := func(fd int32, text string) step {
			return stepFunc(func(s *script) Code {
				return Seq(I32(600), s.text(text), Drop, Store32(0), I32(604), I32(int32(len(text))), Store32(0),
					I32(fd), I32(600), I32(1), I32(620), Call(write), Drop)
			})
		}
		f := h.load(s.on("on_request_headers", out(1, "to stdout\n"), out(2, "to stderr")))
		(&exchange{}).run(f)
		if r := h.log.records; len(r) != 2 || r[0].Level != slog.LevelInfo || r[1].Level != slog.LevelError {
			t.Errorf("records %v", r)
		}
		h.expect("to stdout", "to stderr")
	})
	t.Run("lines per second are bounded", func(t *testing.T) {
		h := newHost(t)
		var steps []step
		for range 50 {
			steps = append(steps, say("x"))
		}
		f := h.load(newScript().on("on_request_headers", steps...), func(s *proxywasm.Spec) { s.LogLines = 10 })
		(&exchange{}).run(f)
		if n := len(h.lines()); n < 10 || n > 20 || h.Stats()[0].LogDropped != uint64(50-n) {
			t.Errorf("%d lines, %d dropped", n, h.Stats()[0].LogDropped)
		}
	})
}

func TestClosedHost(t *testing.T) {
	h := newHost(t)
	f := h.load(newScript().on("on_request_headers"))
	h.Close()
	o := (&exchange{}).run(f)
	if !strings.HasPrefix(o.downstream, "503") || o.details != fault.GuestUnavailable.Details() {
		t.Errorf("outcome %+v", o)
	}
}
