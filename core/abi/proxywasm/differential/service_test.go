package differential_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// service is the gRPC service that filters call, over HTTP/1.1 and HTTP/2. The
// method says what it does.
type service struct {
	addr    string
	current atomic.Pointer[run]
}

func serveRPC(t *testing.T) *service {
	t.Helper()
	s := new(service)
	h := httptest.NewUnstartedServer(s)
	h.Config.Protocols = new(http.Protocols)
	h.Config.Protocols.SetHTTP1(true)
	h.Config.Protocols.SetUnencryptedHTTP2(true)
	h.Start()
	s.addr = h.Listener.Addr().String()
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	return s
}

// message reads one of the request's.
func readMessage(r io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(head[1:]))
	_, err := io.ReadFull(r, b)
	return b, err
}

func writeMessage(w http.ResponseWriter, message string) {
	b := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	_, _ = w.Write(append(b, message...))
	_ = http.NewResponseController(w).Flush()
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	run := s.current.Load()
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex()
	note := func(format string, args ...any) { run.note("callee", fmt.Sprintf(format, args...)) }
	note("rpc> %s %s %s, te %s, type %s, time-out %q, x-a %q, x-b %q", r.Method, r.Host, r.URL.Path, r.Header.Get("te"),
		r.Header.Get("content-type"), r.Header.Get("grpc-timeout"), r.Header["X-A"], r.Header["X-B"])
	end := func(status, text string) {
		w.Header().Set("grpc-status", status)
		if text != "" {
			w.Header().Set("grpc-message", text)
		}
	}
	begin := func() {
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("x-initial", "yes")
		w.Header().Set("trailer", "grpc-status, grpc-message, x-end")
	}
	switch _, method, _ := strings.Cut(r.URL.Path[1:], "/"); method {
	case "Answer", "Large", "Empty", "Refuse", "Silent", "Nothing", "NoStatus":
		m, err := readMessage(r.Body)
		note("rpc> message %q %v", m, err)
		_, _ = io.Copy(io.Discard, r.Body)
		if method == "Silent" {
			<-r.Context().Done()
			return
		}
		begin()
		switch method {
		case "Answer":
			writeMessage(w, "answer")
		case "Large":
			writeMessage(w, strings.Repeat("0123456789", 20000))
		case "Empty":
			writeMessage(w, "")
		}
		switch method {
		case "Refuse":
			end("7", "not%20you")
		case "NoStatus":
			writeMessage(w, "answer")
		default:
			end("0", "")
		}
		w.Header().Set("x-end", "yes")
		_ = control.Flush()
	case "TrailersOnly":
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("content-length", "0")
		end("5", "none here")
	case "Status503":
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("x-initial", "yes")
		w.WriteHeader(503)
		_ = control.Flush()
		fmt.Fprint(w, "away")
	case "Compressed":
		_, _ = io.Copy(io.Discard, r.Body)
		begin()
		_, _ = w.Write([]byte{1, 0, 0, 0, 1, 'x'})
		_ = control.Flush()
		<-r.Context().Done()
	case "Echo":
		begin()
		_ = control.Flush()
		n := 0
		for ; ; n++ {
			m, err := readMessage(r.Body)
			if err != nil {
				break
			}
			note("rpc> message %q", m)
			writeMessage(w, "echo of "+string(m))
		}
		end("0", "done")
		w.Header().Set("x-end", fmt.Sprint(n))
	default:
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(404)
	}
}
