package jwt

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// remote is a URL of keys. All lanes, and all filters of the VM that have the
// same one, share what is fetched: in the host, under names that end in id.
type remote struct {
	cluster string
	head    []sdk.Field
	life    time.Duration // of keys that do not tell their own
	retry   *weir.Limiter // fetches that unknown keys may cause
	id      []byte        // cluster and URL

	keysAt    string // the keys
	askedAt   string // there while a fetch that somebody waits for is under way
	queueName string // of requests for a fetch

	cas uint32 // of the keys in use; 0 for none

	// Of lane 0, which fetches.
	queue    sdk.Queue
	fetching bool
	next     int64 // when to fetch, in nanoseconds since 1970
	failures int   // in a row
}

// The bounds of fetching.
const (
	fetchTimeout = 5 * time.Second
	maxKeySet    = 256 << 10 // bytes of a fetched set
	maxKeys      = 14 << 10  // bytes of what we keep of it: with a token it must fit a call of the host
	shortestLife = 10 * time.Second
	longestLife  = 24 * time.Hour
	firstRetry   = time.Second // after a failed fetch, then twice as long each time
	lastRetry    = time.Minute
)

func newRemote(cluster, host, path, scheme string, life, interval time.Duration) *remote {
	id := cluster + " " + scheme + "://" + host + path
	return &remote{
		cluster: cluster,
		head: []sdk.Field{
			{Name: ":method", Value: "GET"}, {Name: ":path", Value: path}, {Name: ":authority", Value: host}, {Name: ":scheme", Value: scheme},
			{Name: "accept", Value: "application/jwk-set+json, application/json"},
		},
		life:  life,
		retry: weir.NewLimiter(weir.Rate{Limit: 1, Period: interval}),
		id:    []byte("jwt fetch " + id), keysAt: "jwt keys " + id, askedAt: "jwt asked " + id, queueName: "jwt fetch " + id,
	}
}

// ask has lane 0 fetch the keys, unless they were asked for a short while ago.
// It says whether a fetch is under way. Of those who ask at once the first, by the
// host's count, sees to it; the others wait for what comes of that.
func (m *remote) ask() bool {
	// It expires by itself, should lane 0 not come to answer.
	n, err := weir.Increment(m.askedAt, 1, 2*fetchTimeout)
	if err != nil || n > 1 {
		return err == nil
	}
	if d, err := m.retry.Take(m.id, 1); err == nil && d.Allowed {
		if q, err := sdk.ResolveQueue("", m.queueName); err == nil && q.Push("fetch") == nil {
			return true
		}
	}
	_ = weir.Delete(m.askedAt, 0)
	return false
}

// underWay says whether a fetch that somebody asked for has not ended.
func (m *remote) underWay() bool {
	_, _, err := weir.Get(m.askedAt)
	return err == nil
}
