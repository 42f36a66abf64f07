package ratelimit

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// limit is one of a filter's limits.
type limit struct {
	name    string
	rate    weir.Rate
	by      template.Template
	v4, v6  byte // bits of an address that are its client's network
	missing missing
	dry     bool // count, but let through
	limiter *weir.Limiter
	prefix  int    // of key: what tells this limit from all others
	key     []byte // of the request at hand; callbacks do not overlap
}

// missing says what becomes of requests whose key is empty.
type missing uint8

const (
	missingShares missing = iota // they count as one client
	missingSkips                 // this limit does not hold for them
	missingDenies                // they are too many at once
)

// longestKey is the longest key that is used as it is, in bytes: the host
// takes 256 with the prefix. Of a longer one its digest is.
const longestKey = 120

// ready makes the limit usable by the filter of a name. The host counts by
// that name and the limit's, so that a reload goes on where it was.
func (l *limit) ready(filter string) {
	l.key = append(append(append(l.key, filter...), 0), l.name...)
	l.key = append(l.key, 0)
	l.prefix = len(l.key)
	l.by.Networks(l.v4, l.v6)
	l.limiter = weir.NewLimiter(l.rate)
}

// take counts the request. counted is false when the limit does not hold for it.
func (l *limit) take(s *sdk.Stream) (d weir.Decision, counted bool, err error) {
	if _, fixed := l.by.Literal(); !fixed {
		var known bool
		l.key, known = l.by.Append(l.key[:l.prefix], s)
		if !known {
			switch l.missing {
			case missingSkips:
				return d, false, nil
			case missingDenies:
				return weir.Decision{Retry: -1}, true, nil
			}
		}
		if len(l.key)-l.prefix > longestKey {
			digest, err := weir.Hash(weir.SHA256, l.key[l.prefix:])
			if err != nil {
				return d, false, err
			}
			l.key = append(append(l.key[:l.prefix], 0), digest...)
		}
	}
	d, err = l.limiter.Take(l.key, 1)
	return d, true, err
}

// share is what is left of the limit, in thousandths.
func (l *limit) share(d weir.Decision) int64 {
	return d.Remaining * 1000 / l.quota()
}

// quota is what can be taken at once.
func (l *limit) quota() int64 {
	if l.rate.Algorithm == weir.TokenBucket && l.rate.Burst > 0 {
		return l.rate.Burst
	}
	return l.rate.Limit
}

// seconds rounds up: a client that waits so long is not turned away again.
func seconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
