// Package admin is the operator's door: health, metrics, and a view of what
// runs. It has no authentication, so it opens on the loopback interface or a
// Unix socket only, and refuses what a page of a web site could send through
// the operator's browser.
//
//	GET  /healthz   200 while the process lives
//	GET  /readyz    200 while it takes requests, 503 and why not before, while it
//	                drains, while memory has been short for long, and without an
//	                identity in the mesh that others believe
//	GET  /metrics   Prometheus' text format
//	GET  /config    the configuration that runs, secrets masked
//	GET  /filters   each filter and lane: calls, fuel, traps, memory, state
//	GET  /clusters  each endpoint: connections, requests, failures
//	GET  /providers each provider: its process, what it says of services, since when it does not
//	GET  /listeners connections by listener
//	GET  /debug/pprof/  profiles of the process
//	POST /explain   what becomes of a request, which is in the body: see core/explain;
//	                400 says what is wrong with it
//	POST /reload    reads the configuration again; 422 says what is wrong with it
//
// Start at [Open].
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// Source is where the views come from. The values are written as JSON.
type Source interface {
	// Ready is nil while requests are taken, else why they are not.
	Ready() error
	Config() any
	Filters() any
	Clusters() any
	Listeners() any
	Providers() any
	Metrics() http.Handler
	Reload(ctx context.Context) error
	// Explain reads a question and answers it. A [BadQuestion] is the asker's fault.
	Explain(ctx context.Context, question io.Reader) (any, error)
}

// BadQuestion is an error of who asks.
type BadQuestion interface {
	error
	BadQuestion()
}

// Server serves the views.
type Server struct {
	socket net.Listener
	http   http.Server
}

// Open listens on addr, "host:port" or "unix:/path". Serve follows.
func Open(addr string, src Source) (*Server, error) {
	socket, err := listen(addr)
	if err != nil {
		return nil, fmt.Errorf("opening the admin listener: %w", err)
	}
	s := &Server{socket: socket}
	handler := routes(src)
	if socket.Addr().Network() != "unix" {
		handler = local(handler)
	}
	// A page of another site must not reach it through the operator's browser.
	s.http.Handler = http.NewCrossOriginProtection().Handler(handler)
	s.http.ReadHeaderTimeout = 5 * time.Second
	s.http.IdleTimeout = time.Minute
	s.http.MaxHeaderBytes = 16 << 10
	return s, nil
}

// Addr is the bound address.
func (s *Server) Addr() net.Addr { return s.socket.Addr() }

// Serve answers until Close.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.socket); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends Serve.
func (s *Server) Close() error { return errors.Join(s.http.Close(), ignoreClosed(s.socket.Close())) }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func routes(src Source) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	m.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := src.Ready(); err != nil {
			say(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		say(w, http.StatusOK, "ready")
	})
	m.Handle("GET /metrics", src.Metrics())
	m.HandleFunc("GET /config", view(src.Config))
	m.HandleFunc("GET /filters", view(src.Filters))
	m.HandleFunc("GET /clusters", view(src.Clusters))
	m.HandleFunc("GET /providers", view(src.Providers))
	m.HandleFunc("GET /listeners", view(src.Listeners))
	m.HandleFunc("GET /debug/pprof/", pprof.Index)
	m.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	m.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	m.HandleFunc("POST /explain", explain(src))
	m.HandleFunc("POST /reload", func(w http.ResponseWriter, r *http.Request) {
		if err := src.Reload(context.WithoutCancel(r.Context())); err != nil {
			say(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		say(w, http.StatusOK, "reloaded")
	})
	return m
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

func view(of func() any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		b, err := json.MarshalIndent(of(), "", "  ")
		if err != nil {
			say(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(append(b, '\n'))
	}
}
