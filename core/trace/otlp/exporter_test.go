package otlp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// options send to url at once.
func options(url string) otlp.Options {
	return otlp.Options{
		Endpoint: url, Headers: map[string]string{"x-tenant": "t1"},
		Queue: 1 << 20, Batch: 64 << 10, Interval: 10 * time.Millisecond, Timeout: patience,
		Resource: map[string]string{"service.name": "edge"}, Version: "test",
	}
}

// exporter is one that ends with the test.
func exporter(t *testing.T, o otlp.Options) *otlp.Exporter {
	t.Helper()
	target, err := otlp.NewTarget(o)
	if err != nil {
		t.Fatal(err)
	}
	e := otlp.NewExporter(nil)
	e.Use(target)
	t.Cleanup(func() { e.Close(over()) })
	return e
}

// over is a context that is.
func over() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// add adds n spans.
func add(e *otlp.Exporter, n int) {
	for i := range n {
		s := otlp.New(&stream.TraceContext{Trace: stream.NewTraceID(), Span: stream.NewSpanID()}, otlp.Server)
		s.Name("span")
		s.Time(int64(i), int64(i)+1)
		e.Add(s)
	}
}

// until waits for numbers.
func until(t *testing.T, e *otlp.Exporter, want otlp.Counts) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the numbers are %+v", e.Counts())
		}
	})
	coretest.Eventually(t, fmt.Sprintf("the numbers %+v", want), func() bool { return e.Counts() == want })
}

func TestSpansAreSentInBatches(t *testing.T) {
	r := otlptest.Listen(t)
	e := exporter(t, options(r.URL))
	add(e, 5000)
	until(t, e, otlp.Counts{Sent: 5000})
	if n := len(r.Spans()); n != 5000 {
		t.Errorf("%d spans came", n)
	}
	for _, h := range r.Requests() {
		if h.Get("X-Tenant") != "t1" || h.Get("Content-Type") != "application/x-protobuf" || h.Get("User-Agent") != "weir/test" {
			t.Errorf("sent with %v", h)
		}
	}
	if s := r.Spans()[0]; s.Resource["service.name"] != "edge" || s.Name != "span" {
		t.Errorf("the first is %v of %v", s.Span, s.Resource)
	}
}

// TestAnswers has a receiver answer a batch in all ways.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   otlp.Counts
	}{
		{"refused", status(400), otlp.Counts{Failed: 10}},
		{"not authorised", status(401), otlp.Counts{Failed: 10}},
		{"a bug", status(500), otlp.Counts{Failed: 10}},
		{"moved, which is not followed: the headers are for the endpoint", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "/elsewhere", http.StatusTemporaryRedirect)
		}, otlp.Counts{Failed: 10}},
		{"busy once", first(status(503)), otlp.Counts{Sent: 10}},
		{"too fast once", first(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
		}), otlp.Counts{Sent: 10}},
		{"cut once", first(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), otlp.Counts{Sent: 10}},
		{"away for longer than a batch is tried", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}, otlp.Counts{Failed: 10}},
		// Of the first request alone: a tick may fall among the ten, and have them sent in two.
		{"partly", first(text("\x0a\x07\x08\x01\x12\x03why")), otlp.Counts{Sent: 9, Rejected: 1}},
		{"more than there were", text("\x0a\x02\x08\x63"), otlp.Counts{Rejected: 10}},
		{"nonsense", text("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), otlp.Counts{Sent: 10}},
		{"huge", func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 10 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, otlp.Counts{Sent: 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := otlptest.Listen(t)
			r.Answer(c.answer)
			e := exporter(t, options(r.URL))
			add(e, 10)
			until(t, e, c.want)
			r.Answer(nil)
			add(e, 10) // whatever it was, the next are sent
			c.want.Sent += 10
			until(t, e, c.want)
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func text(message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, message) }
}

// first answers a request by h, and the others by 200.
func first(h http.HandlerFunc) http.HandlerFunc {
	once := make(chan struct{}, 1)
	once <- struct{}{}
	return func(w http.ResponseWriter, q *http.Request) {
		select {
		case <-once:
			h(w, q)
		default:
		}
	}
}

// TestAFullQueueDrops while the receiver does not answer: adding never waits.
func TestAFullQueueDrops(t *testing.T) {
	r := otlptest.Listen(t)
	pass := make(chan struct{})
	r.Answer(func(_ http.ResponseWriter, q *http.Request) {
		select {
		case <-pass:
		case <-q.Context().Done():
		}
	})
	o := options(r.URL)
	o.Queue, o.Batch = 64<<10, 4<<10
	e := exporter(t, o)
	const n = 10_000 // of more than 60 bytes each
	add(e, n)
	dropped := e.Counts().Dropped
	if dropped == 0 || dropped == n {
		t.Fatalf("%d of %d are dropped", dropped, n)
	}
	close(pass)
	until(t, e, otlp.Counts{Sent: n - dropped, Dropped: dropped})
}

func TestTheEndSendsWhatWaits(t *testing.T) {
	r := otlptest.Listen(t)
	o := options(r.URL)
	o.Interval = time.Hour
	e := exporter(t, o)
	add(e, 10)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e.Close(ctx)
	if n := len(r.Spans()); n != 10 || e.Counts() != (otlp.Counts{Sent: 10}) {
		t.Errorf("%d spans came; %+v", n, e.Counts())
	}
	add(e, 1)
	if e.Counts().Dropped != 1 || e.Active() {
		t.Errorf("behind the end: %+v", e.Counts())
	}
}

// TestTheEndIsBounded where the receiver hangs, in the middle of a request.
func TestTheEndIsBounded(t *testing.T) {
	r := otlptest.Listen(t)
	hangs := make(chan struct{})
	r.Answer(func(_ http.ResponseWriter, q *http.Request) {
		close(hangs)
		<-q.Context().Done()
	})
	e := exporter(t, options(r.URL))
	add(e, 10)
	<-hangs
	add(e, 5)
	e.Close(over())
	if e.Counts() != (otlp.Counts{Failed: 15}) {
		t.Errorf("%+v", e.Counts())
	}
}

// TestAnotherTarget is where what waits goes.
func TestAnotherTarget(t *testing.T) {
	away, r := otlptest.Listen(t), otlptest.Listen(t)
	away.Answer(status(503))
	e := exporter(t, options(away.URL))
	changed := away.Changed()
	add(e, 10)
	<-changed
	target, err := otlp.NewTarget(options(r.URL))
	if err != nil {
		t.Fatal(err)
	}
	e.Use(target)
	until(t, e, otlp.Counts{Sent: 10})
	if len(r.Spans()) != 10 {
		t.Errorf("%d came", len(r.Spans()))
	}
	e.Use(nil)
	if e.Active() {
		t.Error("spans are taken for nobody")
	}
}

func TestRootsThatAreNone(t *testing.T) {
	o := options("https://127.0.0.1/v1/traces")
	o.Roots = "exporter_test.go"
	if _, err := otlp.NewTarget(o); err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("%v", err)
	}
	o.Roots = "missing"
	if _, err := otlp.NewTarget(o); err == nil || !strings.Contains(err.Error(), "reading roots") {
		t.Errorf("%v", err)
	}
}
