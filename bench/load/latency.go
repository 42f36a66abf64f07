package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What histograms hold: from 1 us to 100 s, in nanoseconds, three digits exact.
const (
	least  = 1_000
	most   = 100_000_000_000
	digits = 3
)

// Latency is how long answers took.
type Latency struct{ h *hdrhistogram.Histogram }

// Quantile is the time that a share of all took at most; of none, that of the fastest.
func (l *Latency) Quantile(share float64) time.Duration {
	if share == 0 {
		return time.Duration(l.h.Min())
	}
	return time.Duration(l.h.ValueAtQuantile(share * 100))
}

// Max is the longest.
func (l *Latency) Max() time.Duration { return time.Duration(l.h.Max()) }

// Merge adds those of another load.
func (l *Latency) Merge(other *Latency) { l.h.Merge(other.h) }

// NewLatency is that of no answers.
func NewLatency() *Latency { return &Latency{hdrhistogram.New(least, most, digits)} }

// shards are where connections record: several share one, so that thousands of
// connections do not need thousands of histograms.
type shards [16]shard

type shard struct {
	mu sync.Mutex
	h  *hdrhistogram.Histogram
}

func newShards() *shards {
	s := new(shards)
	for i := range s {
		s[i].h = NewLatency().h
	}
	return s
}

func (s *shards) of(connection int) *shard { return &s[connection%len(s)] }

func (s *shards) merge() *Latency {
	l := NewLatency()
	for i := range s {
		l.h.Merge(s[i].h)
	}
	return l
}

func (s *shard) record(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.h.RecordValue(min(max(d.Nanoseconds(), least), most)) // it is within the bounds
}
