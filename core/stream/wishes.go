package stream

import "github.com/cespare/xxhash/v2"

import (
	"time"

	"github.com/weirproxy/weir/core/retry"
)

// Wishes are what filters ask of the core for one stream: a filter decides,
// the core carries it out when it comes to that point. A later wish replaces an
// earlier one of its kind unless the field says otherwise.
type Wishes struct {
	// HashKey chooses the endpoint where the cluster's policy hashes; 0 for none.
	HashKey uint64
	// Retry stands in the place of the route's retries; nil for those.
	Retry *retry.Policy
	// Within is how long the whole stream may take from its head's arrival on, 0 for
	// no such bound. It is only ever made shorter.
	Within time.Duration
	// TimeoutField is the request field in which each try tells the upstream what is
	// left of Within, in milliseconds; empty for none.
	TimeoutField string
}

// HashKey is the key of a value: never 0, and the same in every process, so that
// proxies agree.
func HashKey(value []byte) uint64 { return max(xxhash.Sum64(value), 1) }
