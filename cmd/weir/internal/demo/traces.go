package demo

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/weirproxy/weir/core/trace/otlp/received"
)

// traces receives spans, as a Jaeger would, and shows those of a trace.
type traces struct {
	http.ServeMux
	mu      sync.Mutex
	spans   []received.Span // the newest last
	changed chan struct{}   // closed when more came
}

// Bounds of what is kept, and of the wait for the rest of a trace.
const (
	mostSpans   = 10_000
	longestWait = 20 * time.Second
)

func newTraces() *traces {
	t := &traces{changed: make(chan struct{})}
	t.HandleFunc("POST /v1/traces", t.take)
	t.HandleFunc("GET /{trace}", t.show)
	return t
}

func (t *traces) take(w http.ResponseWriter, r *http.Request) {
	spans, err := received.Read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spans = append(t.spans, spans...)
	t.spans = slices.Delete(t.spans, 0, max(0, len(t.spans)-mostSpans))
	close(t.changed)
	t.changed = make(chan struct{})
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// show shows a trace once all of it is there: proxies send their spans when it suits them.
func (t *traces) show(w http.ResponseWriter, r *http.Request) {
	ctx, stop := context.WithTimeout(r.Context(), longestWait)
	defer stop()
	for {
		spans, changed := t.of(r.PathValue("trace"))
		if whole(spans) {
			fmt.Fprint(w, received.Tree(spans, label))
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, "%sThe rest has not come.\n", received.Tree(spans, label))
			return
		}
	}
}

func (t *traces) of(trace string) (spans []received.Span, changed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.spans {
		if s.Trace() == trace {
			spans = append(spans, s)
		}
	}
	return spans, t.changed
}

// whole says whether nothing of a trace is missing that can be told to be: it has a
// beginning, each span's parent is there, and what one proxy sent another has arrived.
func whole(spans []received.Span) bool {
	ids, parents := map[string]bool{"": true}, map[string]bool{}
	for _, s := range spans {
		ids[s.ID()], parents[s.Parent()] = true, true
	}
	for _, s := range spans {
		sent := s.Kind == tracepb.Span_SPAN_KIND_CLIENT && !toApp(s)
		if !ids[s.Parent()] || sent && !parents[s.ID()] {
			return false
		}
	}
	return parents[""]
}

// toApp says whether a span is a try of a sidecar's own app, which makes no spans.
func toApp(s received.Span) bool {
	return strings.HasSuffix(s.Name, " app") || strings.HasSuffix(s.Name, " app-next")
}

// label is a span's line.
func label(s received.Span) string {
	took := time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano).Round(10 * time.Microsecond)
	return fmt.Sprintf("%v: %s, %v", cmp.Or(s.Resource["service.name"], any("?")), s.Name, took)
}
