package observe

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirproxy/weir/core/grpc"
)

// durationBuckets are in seconds, from half a millisecond: a proxy that stands
// beside a service is asked for small numbers.
var durationBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Route counts for one route.
type Route struct {
	byClass  [len(classes)]prometheus.Counter
	duration prometheus.Histogram
	byCode   [grpc.NumCodes]atomic.Pointer[prometheus.Counter] // made when first counted
	code     func(c grpc.Code) prometheus.Counter
}

// classes are the status classes as labels; "none" is a stream that ended
// before a response head was sent.
var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Done counts a stream at its end. status is 0 where no head was sent, d is
// from the head's first byte to the end of the response.
func (r *Route) Done(status int, d time.Duration) {
	class := status / 100
	if class < 0 || class >= len(classes) {
		class = 0
	}
	r.byClass[class].Inc()
	r.duration.Observe(d.Seconds())
}

// Call counts a gRPC call at its end, beside Done.
func (r *Route) Call(c grpc.Code) {
	if c < 0 || c >= grpc.NumCodes {
		return
	}
	p := r.byCode[c].Load()
	if p == nil { // few routes see calls, and few statuses
		counter := r.code(c)
		p = &counter
		r.byCode[c].Store(p)
	}
	(*p).Inc()
}

type routeMetrics struct {
	streams  *prometheus.CounterVec
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func routeMaker(r *prometheus.Registry) *routeMetrics {
	m := &routeMetrics{
		streams: counters("weir_route_requests_total", "Requests that ended, by class of the status sent.", []string{"route", "status"}),
		calls:   counters("weir_route_grpc_calls_total", "gRPC calls that ended, by status.", []string{"route", "grpc_status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "weir_route_request_duration_seconds",
			Help:    "From the request head to the end of the response.",
			Buckets: durationBuckets,
		}, []string{"route"}),
	}
	r.MustRegister(m.streams, m.calls, m.duration)
	return m
}

func (m *routeMetrics) make(name string) *Route {
	r := &Route{duration: m.duration.WithLabelValues(name).(prometheus.Histogram)}
	for i, class := range classes {
		r.byClass[i] = m.streams.WithLabelValues(name, class)
	}
	r.code = func(c grpc.Code) prometheus.Counter { return m.calls.WithLabelValues(name, c.String()) }
	return r
}

func (m *routeMetrics) remove(name string) {
	m.streams.DeletePartialMatch(prometheus.Labels{"route": name})
	m.calls.DeletePartialMatch(prometheus.Labels{"route": name})
	m.duration.DeletePartialMatch(prometheus.Labels{"route": name})
}
