package observe

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// MetricKind is a kind of a filter's metric. Values are those of proxy-wasm.
type MetricKind uint32

// The kinds. They are also the two low bits of an id, as in Envoy.
const (
	KindCounter   MetricKind = 0
	KindGauge     MetricKind = 1
	KindHistogram MetricKind = 2

	kindMask = 3
)

// The errors of filters' metrics.
var (
	ErrNoMetric = errors.New("unknown metric")                                  // NOT_FOUND
	ErrMetric   = errors.New("malformed metric, or call that it does not take") // BAD_ARGUMENT
)

// maxMetricName bounds the name a filter gives, in bytes.
const maxMetricName = 256

// GuestTable is what the filters of one VM have defined: ids are valid in all
// of its lanes and roots. Counting takes no lock and no lookup by name.
type GuestTable struct {
	metrics *GuestMetrics
	list    atomic.Pointer[[]*series] // by id>>2 - 1

	mu   sync.Mutex
	ids  map[*series]uint32 // guarded by mu
	sink [kindMask]uint32   // ids of what is counted but not shown; guarded by mu
}

// Open makes the table of a VM. Each needs its Close.
func (g *GuestMetrics) Open() *GuestTable {
	t := &GuestTable{metrics: g, ids: make(map[*series]uint32)}
	t.list.Store(new([]*series))
	return t
}

// Define makes a metric of a filter, or finds the one of that kind and name.
// It is shown as weir_filter_<name>, every byte that such a name cannot have
// made "_": names that differ in these alone are one metric. Labels may stand behind
// the name, see labelsOf. When the filter
// has limit of them, a further one works, but is counted instead of shown:
// guests end when this call fails.
func (t *GuestTable) Define(filter string, limit int, kind MetricKind, name []byte) (id uint32, err error) {
	if kind > KindHistogram || len(name) == 0 || len(name) > maxMetricName {
		return 0, ErrMetric
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s, fresh := t.metrics.acquire(filter, limit, kind, name, t.ids)
	if s == nil {
		if t.sink[kind] == 0 {
			t.sink[kind] = t.add(newSeries(kind))
		}
		return t.sink[kind], nil
	}
	if fresh {
		t.ids[s] = t.add(s)
	}
	return t.ids[s], nil
}

func (t *GuestTable) add(s *series) (id uint32) {
	list := append(slices.Clip(*t.list.Load()), s)
	t.list.Store(&list)
	return uint32(len(list))<<2 | uint32(s.kind)
}

func (t *GuestTable) find(id uint32) *series {
	list := *t.list.Load()
	i := int(id >> 2)
	if i == 0 || i > len(list) || list[i-1].kind != MetricKind(id&kindMask) {
		return nil
	}
	return list[i-1]
}

// Record sets a gauge, observes a histogram, adds to a counter.
func (t *GuestTable) Record(id uint32, v int64) error {
	s := t.find(id)
	if s == nil {
		return ErrNoMetric
	}
	switch s.kind {
	case KindGauge:
		s.value.Store(uint64(v))
	case KindHistogram:
		s.observe(v)
	default:
		s.value.Add(uint64(v))
	}
	return nil
}

// Increment adds to a counter, above 0 only, or moves a gauge, which wraps.
func (t *GuestTable) Increment(id uint32, delta int64) error {
	if id&kindMask >= uint32(KindHistogram) {
		return ErrMetric
	}
	s := t.find(id)
	switch {
	case s == nil:
		return ErrNoMetric
	case s.kind == KindCounter && delta <= 0:
		return ErrMetric
	}
	s.value.Add(uint64(delta))
	return nil
}

// Value is a counter's or gauge's.
func (t *GuestTable) Value(id uint32) (uint64, error) {
	if id&kindMask >= uint32(KindHistogram) {
		return 0, ErrMetric
	}
	s := t.find(id)
	if s == nil {
		return 0, ErrNoMetric
	}
	return s.value.Load(), nil
}

// Close gives the table's metrics back. What no other table has is shown no
// more: a reload opens the new table first, and the counts go on.
func (t *GuestTable) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.ids {
		t.metrics.release(s)
	}
	clear(t.ids)
}
