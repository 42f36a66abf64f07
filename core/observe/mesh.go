package observe

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Pair is who asks whom, of a request that passes a sidecar. Its strings are those
// of the connection and the snapshot: looking one up costs no copy.
type Pair struct {
	Direction   string // "inbound", "outbound"
	Source      string // SPIFFE ID: shown, or our own; "none" where there is none
	Destination string // likewise, or the cluster where the service showed none
	Route       string
}

// maxPairs bounds the pairs that have series of their own. All others share one,
// whose labels are "other".
const maxPairs = 500

const otherPair = "other"

// Mesh counts requests by the identities of both ends. Finding a pair takes no
// lock and allocates nothing: the table is copied when one is added.
type Mesh struct {
	table atomic.Pointer[map[Pair]*MeshPair]
	mu    sync.Mutex // of those who add and remove

	requests *prometheus.CounterVec
	errors   *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// MeshPair counts for one pair.
type MeshPair struct {
	mesh    *Mesh
	labels  [4]string
	byClass [len(classes)]atomic.Pointer[meshClass] // made when first counted
	errors  prometheus.Counter
}

type meshClass struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

var pairLabels = []string{"direction", "source", "destination", "route"}

func (m *Mesh) init(r *prometheus.Registry) {
	byStatus := append(pairLabels[:4:4], "status")
	m.requests = counters("weir_mesh_requests_total", "Requests between services that ended, by class of the status sent.", byStatus)
	m.errors = counters("weir_mesh_errors_total", "Those that failed: a status of 5xx, none, or a gRPC status that says so.", pairLabels)
	m.duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "weir_mesh_request_duration_seconds",
		Help:    "From the request head to the end of the response, by class of the status sent.",
		Buckets: durationBuckets,
	}, byStatus)
	m.table.Store(&map[Pair]*MeshPair{})
	r.MustRegister(m.requests, m.errors, m.duration)
}

// Mesh is what counts between services.
func (m *Metrics) Mesh() *Mesh { return &m.mesh }

// Pair is the handle of a pair.
func (m *Mesh) Pair(p Pair) *MeshPair {
	if h := (*m.table.Load())[p]; h != nil {
		return h
	}
	return m.add(p)
}

func (m *Mesh) add(p Pair) *MeshPair {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.table.Load()
	if len(old) >= maxPairs {
		p = Pair{otherPair, otherPair, otherPair, otherPair}
	}
	if h := old[p]; h != nil { // of somebody who was quicker, or the common one
		return h
	}
	p = Pair{p.Direction, label(p.Source), label(p.Destination), strings.Clone(p.Route)}
	h := &MeshPair{mesh: m, labels: [4]string{p.Direction, p.Source, p.Destination, p.Route}}
	h.errors = m.errors.WithLabelValues(h.labels[:]...)
	next := maps.Clone(old)
	next[p] = h
	m.table.Store(&next)
	return h
}

// label is a text of a peer's as a label: a copy, so that nothing of the connection
// is kept.
func label(text string) string { return strings.ToValidUTF8(strings.Clone(text), "?") }

// keep forgets the pairs of all routes but those.
func (m *Mesh) keep(routes []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	wanted := map[string]bool{otherPair: true}
	for _, r := range routes {
		wanted[r] = true
	}
	next := maps.Clone(*m.table.Load())
	maps.DeleteFunc(next, func(p Pair, _ *MeshPair) bool {
		if wanted[p.Route] {
			return false
		}
		of := prometheus.Labels{"route": p.Route}
		m.requests.DeletePartialMatch(of)
		m.errors.DeletePartialMatch(of)
		m.duration.DeletePartialMatch(of)
		return true
	})
	m.table.Store(&next)
}

// Done counts a request at its end. status is 0 where no head was sent.
func (p *MeshPair) Done(status int, failed bool, d time.Duration) {
	class := status / 100
	if class < 0 || class >= len(classes) {
		class = 0
	}
	c := p.byClass[class].Load()
	if c == nil {
		labels := append(p.labels[:4:4], classes[class])
		c = &meshClass{p.mesh.requests.WithLabelValues(labels...), p.mesh.duration.WithLabelValues(labels...)}
		p.byClass[class].Store(c)
	}
	c.requests.Inc()
	c.duration.Observe(d.Seconds())
	if failed || class == 0 || class == 5 {
		p.errors.Inc()
	}
}
