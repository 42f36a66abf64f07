package observe

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// MirrorResult is what became of the copy of a request.
type MirrorResult uint8

// The results.
const (
	MirrorSent       MirrorResult = iota // and answered, whatever the answer
	MirrorFailed                         // no answer, or none in time
	MirrorBusy                           // too many were under way
	MirrorTooLarge                       // its body was longer than the bound
	MirrorIncomplete                     // the request ended before its body did
	MirrorShed                           // memory was short
	mirrorResults
)

func (r MirrorResult) String() string {
	return [...]string{"sent", "failed", "busy", "too_large", "incomplete", "shed"}[r]
}

// mirrored counts for one cluster. Most clusters are nobody's mirror: series are
// made when the first copy is.
type mirrored struct {
	once sync.Once
	by   [mirrorResults]prometheus.Counter
}

// Mirrored counts a copy that was to go to the cluster.
func (c *Cluster) Mirrored(r MirrorResult) {
	c.mirrored.once.Do(func() {
		for i := range mirrorResults {
			c.mirrored.by[i] = c.mirrors.WithLabelValues(c.name, i.String())
		}
	})
	c.mirrored.by[r].Inc()
}
