// Package otlptest is a receiver of spans for tests.
//
// Start at [Listen].
package otlptest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/trace/otlp/received"
)

// Receiver is a server that keeps the spans it is sent.
type Receiver struct {
	URL string // that spans are posted to
	t   testing.TB

	mu       sync.Mutex
	spans    []Span
	requests []http.Header
	answer   http.HandlerFunc
	changed  chan struct{} // closed when something came
}

// Span is one that came.
type Span = received.Span

// Listen starts one, which ends with the test.
func Listen(t testing.TB) *Receiver {
	r := &Receiver{t: t, changed: make(chan struct{})}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.URL = s.URL + "/v1/traces"
	return r
}

// Answer has requests answered by h, which has read them when it is called; nil stands
// for 200. What is not answered by 200 is not kept.
func (r *Receiver) Answer(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = h
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	spans, err := received.Read(q)
	if err != nil {
		r.t.Errorf("a request that is none of the protocol: %v", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.requests = append(r.requests, q.Header)
	answer := r.answer
	r.mu.Unlock()
	status := &watched{ResponseWriter: w, status: http.StatusOK}
	if answer != nil {
		answer(status, q)
	} else {
		w.Header().Set("Content-Type", "application/x-protobuf")
		w.WriteHeader(http.StatusOK)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if status.status == http.StatusOK {
		r.spans = append(r.spans, spans...)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Spans are all that came so far.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// Requests are the headers of all requests so far.
func (r *Receiver) Requests() []http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Changed is closed when the next request has been answered.
func (r *Receiver) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// Tree is the names of a trace's spans, as [received.Tree] shows them.
func Tree(spans []Span) string {
	return received.Tree(spans, func(s Span) string { return s.Name })
}

// Valid says whether b is a message Span.
func Valid(b []byte) bool { return received.Valid(b) }
