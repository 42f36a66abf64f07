// Package sourcetest has what tests of module sources need: a server and a
// registry on free ports, over TLS by a certificate of their own, that can be
// told to misbehave; and images as other projects' tools publish them.
//
// Start at [NewServer] and [NewRegistry].
package sourcetest

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/sock/socktest"
)

// Server is a server of modules.
type Server struct {
	Host  string // with port
	Roots string // file of the certificate to trust it by

	server   *httptest.Server
	fault    atomic.Pointer[Fault]
	requests atomic.Int64
}

// Fault answers a request instead of the server, and says whether it did.
type Fault func(w http.ResponseWriter, r *http.Request) bool

// NewServer runs a server over TLS until the test ends.
func NewServer(t testing.TB, h http.Handler) *Server { return start(t, h, true) }

// NewPlainServer is one without TLS.
func NewPlainServer(t testing.TB, h http.Handler) *Server { return start(t, h, false) }

func start(t testing.TB, h http.Handler, encrypted bool) *Server {
	t.Helper()
	s := &Server{}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if f := s.fault.Load(); f != nil && (*f)(w, r) {
			return
		}
		h.ServeHTTP(w, r)
	}))
	// The address is the server's also when it is away: tests ask there then.
	l, err := net.Listen("tcp", socktest.Refusing(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = s.server.Listener.Close()
	s.server.Listener = l
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it are part of tests
	if !encrypted {
		s.server.Start()
	} else {
		s.server.EnableHTTP2 = true
		s.server.StartTLS()
		s.Roots = filepath.Join(t.TempDir(), "roots.pem")
		block := &pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw}
		if err := os.WriteFile(s.Roots, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, s.Host, _ = strings.Cut(s.server.URL, "://")
	t.Cleanup(s.Away)
	return s
}

// Fails has a fault answer from now on; nil for none.
func (s *Server) Fails(f Fault) {
	if f == nil {
		s.fault.Store(nil)
		return
	}
	s.fault.Store(&f)
}

// Away ends the server: nobody listens on its port any more.
func (s *Server) Away() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// Requests is how many came.
func (s *Server) Requests() int { return int(s.requests.Load()) }

// Status is a fault: each request gets that status, and fields.
func Status(status int, fields ...string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
		return true
	}
}

// Times is a fault for so many requests, and none after.
func Times(n int, f Fault) Fault {
	var left atomic.Int64
	left.Store(int64(n))
	return func(w http.ResponseWriter, r *http.Request) bool {
		return left.Add(-1) >= 0 && f(w, r)
	}
}

// Under is a fault of paths that hold a text.
func Under(text string, f Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.URL.Path, text) && f(w, r)
	}
}

// Cut is a fault: a response that ends after so many bytes of a body that
// should be longer.
func Cut(body []byte) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(body)
		panic(http.ErrAbortHandler)
	}
}

// Silent is a fault: no answer until the client is gone.
func Silent(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}
