package server_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// guard writes a module as most SDKs make them: it holds a request's head, asks the
// service "auth" about it, and has a callback for bodies that continues. So that a
// test can tell when that was called, it asks "auth" for /seen there.
func guard(t *testing.T) (path string) {
	t.Helper()
	const (
		result, size, heap = 16, 20, 8 << 10
		pause              = 1
		answerMap          = 6
	)
	m := New()
	call := m.Import("env", "proxy_http_call", "iiiiiiiiii:i")
	get := m.Import("env", "proxy_get_header_map_value", "iiiii:i")
	effective := m.Import("env", "proxy_set_effective_context", "i:i")
	goOn := m.Import("env", "proxy_continue_stream", "i:i")
	reply := m.Import("env", "proxy_send_local_response", "iiiiiiii:i")
	m.Memory(2, 0)
	at := uint32(512)
	text := func(s string) Code {
		m.Data(at, []byte(s))
		code := Seq(I32(int32(at)), I32(int32(len(s))))
		at += uint32(len(s))
		return code
	}
	held, asked := m.Global('i', 0), m.Global('i', 0)
	ask := func(path string) Code {
		head := "\x03\x00\x00\x00\x07\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00\x06\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\x00" +
			":method\x00GET\x00:path\x00" + path + "\x00:authority\x00a\x00"
		return Seq(text("auth"), text(head), I32(0), I32(0), I32(0), I32(0), I32(60_000), I32(result), Call(call), Drop)
	}
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", I32(heap))
	m.Func("proxy_on_configure", "ii:i", I32(1))
	m.Func("proxy_on_request_headers", "iii:i", Get(0), GlobalSet(held), ask("/check"), I32(result), Load32(0), GlobalSet(asked), I32(pause))
	m.Func("proxy_on_request_body", "iii:i", ask("/seen/"), I32(0))
	m.Func("proxy_on_http_call_response", "iiiii",
		Get(1), GlobalGet(asked), Eq32, If(
			GlobalGet(held), Call(effective), Drop,
			I32(answerMap), text(":status"), I32(result), I32(size), Call(get), Drop,
			I32(result), Load32(0), Load8(0), I32('2'), Eq32, If(I32(0), Call(goOn), Drop, Return),
			I32(403), text(""), text("denied\n"), I32(0), I32(0), I32(-1), Call(reply), Drop))
	return coretest.Module(t, m.Bytes())
}

// A module of a stranger that guards something is not passed by those who send a body
// while it waits, though its table has the body shown to it.
func TestGuardsAreNotPassedByBodies(t *testing.T) {
	up := newUpstream(t)
	seen := make(chan struct{}, 1)
	var status atomic.Int32
	auth := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/seen") {
			select {
			case seen <- struct{}{}:
			default:
			}
			return
		}
		<-seen
		w.WriteHeader(int(status.Load()))
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("guard"), coretest.Wasm(),
		coretest.FilterTable("guard", guard(t), "", "security = true", `on_pause = "stop_iteration"`, `calls = ["auth"]`), clusters("auth", auth.Addr)))
	for _, tt := range []struct {
		name, body string
		status     int32
		passed     int
	}{
		{"denied", "Content-Length: 5\r\n\r\nhello", 403, 0},
		{"denied, in chunks with a trailer", "Transfer-Encoding: chunked\r\n\r\n" + inChunks("hello", 2, "x-a: 1"), 403, 0},
		{"allowed", "Content-Length: 5\r\n\r\nhello", 200, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status.Store(tt.status)
			before := len(up.requests())
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("POST / HTTP/1.1\r\nHost: a\r\n" + tt.body)
			if r := c.Read("POST"); r.Status != int(tt.status) {
				t.Errorf("%+v", r)
			}
			if n := len(up.requests()) - before; n != tt.passed {
				t.Errorf("%d requests came to the upstream", n)
			}
		})
	}
}

// A guard that takes no bodies has no use for being shown them.
func TestGuardsWithoutBodiesMayNotAskForThem(t *testing.T) {
	table := func(keys ...string) string {
		return coretest.Gateway("127.0.0.1:1", chained("auth"), coretest.Wasm(),
			coretest.FilterTable("auth", coretest.Guest(t), "auth", append(keys, `calls = ["auth"]`, `config = { cluster = "auth", path = "/check" }`)...), clusters("auth", "127.0.0.1:2"))
	}
	_, err := coretest.Start(t, table("security = true", `on_pause = "stop_iteration"`), coretest.Options{})
	const want = `filters.auth: on_pause is "stop_iteration", but the module has no callback for bodies, and what a security filter holds waits for the filter's own answer; leave on_pause out`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, key := range []string{"security = true", `on_pause = "stop_iteration"`} { // each for itself is right
		coretest.Proxy(t, table(key))
	}
}
