package stream

import (
	"time"

	"github.com/cespare/xxhash/v2"

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

	// Mirror has a copy of the request sent to another cluster.
	Mirror Mirror
}

// HashKey is the key of a value: never 0, and the same in every process, so that
// proxies agree.
func HashKey(value []byte) uint64 { return max(xxhash.Sum64(value), 1) }

// Mirror is a copy of a request that a filter wishes for. Its answer is of
// interest to nobody.
type Mirror struct {
	Cluster string        // "" for none
	Host    []byte        // the copy's authority; the request's if empty
	MaxBody int           // bytes; a longer body is not copied, and nothing sent
	Timeout time.Duration // of all of it
}

// MirroredField is in the head of every copy.
const MirroredField = "x-weir-mirrored"
