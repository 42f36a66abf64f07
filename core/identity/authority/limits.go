package authority

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// How often one address may ask, how often it may be wrong, and how often all
// together are answered: a signature costs about 0.1 ms.
var (
	perAddress = state.Rate{Limit: 50, Period: time.Second, Burst: 200}
	perFailure = state.Rate{Limit: 1, Period: time.Second, Burst: 30}
	perAll     = state.Rate{Limit: 1000, Period: time.Second, Burst: 2000}
)

// limits count requests by the addresses they come from.
type limits struct {
	asked, failed *state.Namespace
}

func newLimits() limits {
	s := state.New(state.Options{RateKeys: 20_000})
	return limits{s.Open("asked", 0), s.Open("failed", 0)}
}

// admit says how long an address has to wait before it is answered; 0 for not at all.
func (l *limits) admit(from netip.Addr) time.Duration {
	key := sourceKey(from)
	for _, c := range []struct {
		in   *state.Namespace
		key  []byte
		cost int64
		rate state.Rate
	}{{l.failed, key, 0, perFailure}, {l.asked, key, 1, perAddress}, {l.asked, nil, 1, perAll}} {
		d, err := c.in.Take(c.key, c.cost, c.rate)
		if err != nil {
			return time.Second
		}
		if !d.Allowed || c.cost == 0 && d.Remaining == 0 {
			return max(d.Retry, time.Second)
		}
	}
	return 0
}

// fail counts a request that was wrong.
func (l *limits) fail(from netip.Addr) { _, _ = l.failed.Take(sourceKey(from), 1, perFailure) }

// sourceKey is what is counted by: of IPv6 the network of 64 bits, which is one
// household's.
func sourceKey(a netip.Addr) []byte {
	a = a.Unmap()
	if a.Is6() {
		p, _ := a.Prefix(64)
		a = p.Addr()
	}
	return a.AppendTo(nil)
}

// later answers a request that comes too soon.
func later(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	refuse(w, http.StatusTooManyRequests, "too many requests from this address; ask later")
}
