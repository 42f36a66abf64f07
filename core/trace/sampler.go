package trace

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// always is the share of all traces: shares are parts of 2^56, which the random part
// of a trace's id has (W3C Trace Context, level 2, section 3.2.2.3.1).
const always = 1 << 56

// sampler decides about traces that begin here.
type sampler struct {
	share    uint64
	interval int64        // ns between two traces, 0 for no bound
	next     atomic.Int64 // Unix ns at which what has been spent is earned again
}

func (s *sampler) init(share uint64, rate uint32) {
	s.share = share
	if rate > 0 {
		s.interval = max(int64(time.Second)/int64(rate), 1)
	}
}

// takes says whether a trace is recorded: by its id, so that all who ask for the same
// share decide alike, and at most so many in a second.
func (s *sampler) takes(id *stream.TraceID, now int64) bool {
	return binary.BigEndian.Uint64(id[8:])&(always-1) < s.share && s.spend(now)
}

// spend takes a place out of a second's (GCRA).
func (s *sampler) spend(now int64) bool {
	if s.interval == 0 {
		return true
	}
	for {
		next := s.next.Load()
		from := max(next, now)
		if from+s.interval-now > int64(time.Second) {
			return false
		}
		if s.next.CompareAndSwap(next, from+s.interval) {
			return true
		}
	}
}
