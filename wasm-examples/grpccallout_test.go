package examples_test

import (
	"encoding/binary"
	"io"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var grpcCallout = topic{
	rpc: true,
	behaves: func(t *testing.T, w *world) {
		t.Run("yes", func(t *testing.T) { grpcYes(t, w) })
		t.Run("anything else", func(t *testing.T) { grpcElse(t, w) })
	},
	refuses: []refusal{
		{"color=blue", `unknown key … color … ; the keys are cluster, header and timeout`},
		{"timeout=0", "timeout: give milliseconds, such as 1000"},
	},
}

// answersRPC is a service of gRPC with one answer, as net/http can be one.
func answersRPC(message, status string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		if message != "" {
			_, _ = w.Write(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...))
		}
		w.Header().Set("Grpc-Status", status)
	}
}

func grpcYes(t *testing.T, w *world) {
	asked := make(chan string, 1)
	w.auth.does(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		asked <- r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(b)
		answersRPC("\x0a\x03ann", "0")(rw, r)
	})
	passed := w.app.sees(func(http.ResponseWriter, *http.Request) {})
	if r := coretest.Get(t, w.addr, "/orders", "authorization: of-ann", "x-user: root"); r.Status != 200 {
		t.Fatalf("status %d, %q", r.Status, r.Body)
	}
	if got, want := <-asked, "/shop.Auth/Check application/grpc \x00\x00\x00\x00\x11\x0a\x06of-ann\x12\x07/orders"; got != want {
		t.Errorf("the service was asked %q, want %q", got, want)
	}
	if got := (<-passed).Header["X-User"]; len(got) != 1 || got[0] != "ann" {
		t.Errorf("the upstream is told %q, want only what the service says", got)
	}
}

func grpcElse(t *testing.T, w *world) {
	w.app.does(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s has passed", r.URL) })
	const denied, unavailable = "forbidden\n", "authorization is not available\n"
	for _, c := range []struct {
		name   string
		auth   http.HandlerFunc
		status int
		body   string
	}{
		{"no", answersRPC("", "7"), 403, denied},
		{"nobody", answersRPC("", "16"), 403, denied},
		{"failure", answersRPC("", "13"), 503, unavailable},
		{"no message of ours", answersRPC("ann", "0"), 503, unavailable},
		{"not gRPC", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 503, unavailable},
		{"nothing in time", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 503, unavailable},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.auth.does(c.auth)
			if r := coretest.Get(t, w.addr, "/"); r.Status != c.status || r.Body != c.body {
				t.Errorf("status %d, %q", r.Status, r.Body)
			}
		})
	}
}
