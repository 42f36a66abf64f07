// Package received reads spans as a receiver of OTLP over HTTP does, with the
// protocol's own library, and shows them: for tests, and for the demo.
//
// Start at [Read].
package received

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one that came.
type Span struct {
	*tracepb.Span
	Resource map[string]any
}

// most bounds what a request may bring, in bytes.
const most = 64 << 20

// Read reads the spans of a request.
func Read(q *http.Request) (spans []Span, err error) {
	body := io.Reader(q.Body)
	if q.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(q.Body); err != nil {
			return nil, err
		}
	}
	b, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return nil, err
	}
	if len(b) > most {
		return nil, fmt.Errorf("has more than %d bytes", most)
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

// Valid says whether b is a message Span.
func Valid(b []byte) bool { return proto.Unmarshal(b, new(tracepb.Span)) == nil }
