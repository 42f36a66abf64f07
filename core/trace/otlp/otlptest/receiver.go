// Package otlptest is a receiver of spans for tests. It reads requests with the
// protocol's own library, which is nobody's of ours.
//
// Start at [Listen].
package otlptest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
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
type Span struct {
	*tracepb.Span
	Resource map[string]any
}

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
	spans, err := decode(q)
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

func decode(q *http.Request) (spans []Span, err error) {
	body := io.Reader(q.Body)
	if q.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(q.Body); err != nil {
			return nil, err
		}
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	// TracesData has the fields of ExportTraceServiceRequest.
	var data tracepb.TracesData
	if err := proto.Unmarshal(b, &data); err != nil {
		return nil, err
	}
	for _, rs := range data.ResourceSpans {
		resource := attributes(rs.Resource.GetAttributes())
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				spans = append(spans, Span{s, resource})
			}
		}
	}
	return spans, nil
}

func attributes(list []*commonpb.KeyValue) map[string]any {
	m := map[string]any{}
	for _, kv := range list {
		switch v := kv.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			m[kv.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			m[kv.Key] = v.IntValue
		case *commonpb.AnyValue_BoolValue:
			m[kv.Key] = v.BoolValue
		}
	}
	return m
}

// Attributes are the span's.
func (s Span) Attributes() map[string]any { return attributes(s.Span.Attributes) }

// ID, Parent and Trace are the span's ids in hex.
func (s Span) ID() string     { return hex.EncodeToString(s.SpanId) }
func (s Span) Parent() string { return hex.EncodeToString(s.ParentSpanId) }
func (s Span) Trace() string  { return hex.EncodeToString(s.TraceId) }

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

// Valid says whether b is a message Span.
func Valid(b []byte) bool { return proto.Unmarshal(b, new(tracepb.Span)) == nil }
