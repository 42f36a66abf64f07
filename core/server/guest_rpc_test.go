package server_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// rpcService is a gRPC service, as net/http can be one.
func rpcService() http.Handler {
	m := http.NewServeMux()
	frame := func(w io.Writer, message string) {
		b := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
		_, _ = w.Write(append(b, message...))
	}
	begin := func(w http.ResponseWriter) {
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("trailer", "grpc-status, grpc-message, x-count")
	}
	m.HandleFunc("POST /test.Service/Answer", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		begin(w)
		frame(w, fmt.Sprintf("%q for %s, %s", b, r.Host, r.Header.Get("grpc-timeout")))
		w.Header().Set("grpc-status", "0")
	})
	m.HandleFunc("POST /test.Service/Refuse", func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		w.WriteHeader(200)
		w.Header().Set("grpc-status", "7")
		w.Header().Set("grpc-message", "not%20you")
	})
	m.HandleFunc("POST /test.Service/Hang", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the end of the connection is not seen
		<-r.Context().Done()
	})
	m.HandleFunc("POST /test.Service/Huge", func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		frame(w, strings.Repeat("x", 5<<20))
		w.Header().Set("grpc-status", "0")
	})
	m.HandleFunc("POST /test.Service/Die", func(w http.ResponseWriter, r *http.Request) {
		panic(http.ErrAbortHandler)
	})
	m.HandleFunc("POST /test.Service/Echo", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		begin(w)
		w.Header().Set("x-seen", r.Header.Get("x-sent"))
		in, n := bufio.NewReader(r.Body), 0
		var head [5]byte
		for ; ; n++ {
			if _, err := io.ReadFull(in, head[:]); err != nil {
				break
			}
			message := make([]byte, binary.BigEndian.Uint32(head[1:]))
			if _, err := io.ReadFull(in, message); err != nil {
				return
			}
			frame(w, "echo of "+string(message))
			_ = http.NewResponseController(w).Flush()
		}
		w.Header().Set("x-count", strconv.Itoa(n))
		w.Header().Set("grpc-status", "0")
		w.Header().Set("grpc-message", "done")
	})
	return m
}

// withRPC is a configuration whose filter calls the service at addr.
func withRPC(t *testing.T, up, addr string, keys ...string) string {
	return coretest.Gateway(up, `filters = ["rpc"]`, coretest.Wasm(),
		coretest.FilterTable("rpc", coretest.Guest(t), "rpc", append(keys, `calls = ["auth"]`)...)) +
		fmt.Sprintf("[clusters.auth]\nendpoints = [%q]\n", addr)
}

// TestGuestCallsGRPC lets a filter make calls and streams, to a service that
// answers, refuses, hangs, says too much and dies.
func TestGuestCallsGRPC(t *testing.T) {
	service := coretest.Serve(t, rpcService())
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("x-answer"))
	}))
	for protocol, service := range map[string]*coretest.Upstream{"http1": service, "http2": coretest.ServeHTTP2(t, rpcService())} {
		t.Run(protocol, func(t *testing.T) {
			callsOver(t, coretest.Proxy(t, withRPC(t, up.Addr, service.Addr)+"protocol = \""+protocol+"\"\n"))
		})
	}
	t.Run("a service that is away", func(t *testing.T) {
		p := coretest.Proxy(t, withRPC(t, up.Addr, coretest.Refusing(t)))
		if r := coretest.Get(t, p.Addr("gateway"), "/call/Answer"); r.Body != "14 upstream connect error or disconnect/reset before headers" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		if r := coretest.Get(t, p.Addr("gateway"), "/echo/1"); r.Body != "seen \ncount \nclosed 14 upstream connect error or disconnect/reset before headers" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("a service that hangs", func(t *testing.T) {
		p := coretest.Proxy(t, withRPC(t, up.Addr, service.Addr, `config = { timeout = "50ms" }`))
		if r := coretest.Get(t, p.Addr("gateway"), "/call/Hang"); r.Body != "14 upstream request timeout" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("the proxy ends while calls hang", func(t *testing.T) {
		p := coretest.Proxy(t, withRPC(t, up.Addr, service.Addr))
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET /call/Hang HTTP/1.1\r\nHost: a\r\n\r\n")
		coretest.Eventually(t, "the call is made", func() bool { return p.Filter("rpc").Calls == 1 })
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// callsOver makes the calls of TestGuestCallsGRPC.
func callsOver(t *testing.T, p *coretest.Running) {
	for path, want := range map[string]string{
		"/call/Answer": `200 "\x00\x00\x00\x00\bquestion" for auth, 300000m`,
		"/call/Refuse": "403 7 not you",
		"/call/None":   "403 12 ",
		"/call/Huge":   "403 8 ",
		"/call/Die":    "403 14 upstream connect error or disconnect/reset before headers",
		"/echo/1":      "200 seen 1\necho of message 0\ncount 1\nclosed 0 done",
		"/echo/3":      "200 seen 3\necho of message 0\necho of message 1\necho of message 2\ncount 3\nclosed 0 done",
	} {
		for range 3 { // connections are used again
			r := coretest.Get(t, p.Addr("gateway"), path)
			if got := fmt.Sprintf("%d %s", r.Status, r.Body); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
	}
	if r := coretest.Get(t, p.Addr("gateway"), "/echo/2000"); strings.Count(r.Body, "\n") != 2002 {
		t.Errorf("of 2000 messages came back %d lines: %.300s", strings.Count(r.Body, "\n"), r.Body)
	}
}
