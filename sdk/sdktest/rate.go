package sdktest

import (
	"math/big"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// limit is what one rate-limit key has used. A bucket keeps the moment at
// which it is full again, in units of 1/limit nanoseconds, so that nothing is
// ever rounded; a window keeps two counters. Numbers are big: this is here to be
// right, not fast.
type limit struct {
	full          *big.Int // bucket
	rate          int64    // of full
	begin, period int64    // window
	count, before int64
}

const never = -1

// rateTake: algorithm u32, 0 u32, limit, period, burst, cost i64, key →
// allowed u32, crowded u32, remaining, reset, retry i64.
func rateTake(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	algorithm, fleet := a.u32(), a.u32() // the fleet is this host
	rate, period, burst, cost := a.i64(), a.i64(), a.i64(), a.i64()
	key := a.rest()
	if a.bad || fleet > 1 || fleet == 1 && period < 1e9 || algorithm > 1 || rate < 0 || period <= 0 || burst < 0 || cost < 0 || len(key) > 256 {
		return nil, abi.BadArgument
	}
	if burst == 0 || algorithm == 1 {
		burst = rate
	}
	if rate == 0 {
		return appendDecision(dst, decision{allowed: cost == 0, retry: whether(cost > 0)}), abi.OK
	}
	name := string(key) + string(rune('0'+algorithm))
	l := h.store.limits[name]
	if l == nil {
		l = &limit{}
		h.store.limits[name] = l
	}
	take := cost
	if cost > burst { // more than can ever be there: only look
		take = 0
	}
	var d decision
	if algorithm == 0 {
		d = l.bucket(rate, period, burst, take, h.now)
	} else {
		d = l.window(rate, period, take, h.now)
	}
	if cost > burst {
		d.allowed, d.retry = false, never
	}
	return appendDecision(dst, d), abi.OK
}

// decision is the answer's fields, in nanoseconds.
type decision struct {
	allowed                 bool
	remaining, reset, retry int64
}

// whether is never, or no time.
func whether(denied bool) int64 {
	if denied {
		return never
	}
	return 0
}

func appendDecision(dst []byte, d decision) []byte {
	dst = appendBool(dst, d.allowed)
	dst = le.AppendUint32(dst, 0)
	dst = le.AppendUint64(dst, uint64(d.remaining))
	dst = le.AppendUint64(dst, uint64(d.reset))
	return le.AppendUint64(dst, uint64(d.retry))
}

// up is a/b rounded up, for a of at least 0.
func up(a *big.Int, b int64) int64 {
	q, rest := new(big.Int).QuoRem(a, big.NewInt(b), new(big.Int))
	if rest.Sign() > 0 {
		return q.Int64() + 1
	}
	return q.Int64()
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

func (l *limit) bucket(rate, period, burst, cost, now int64) decision {
	at := product(now, rate)
	if l.full != nil && l.rate == rate && l.full.Cmp(at) > 0 {
		at = l.full
	}
	edge := new(big.Int).Add(product(now, rate), product(burst, period))
	next := new(big.Int).Add(at, product(cost, period))
	allowed, retry := cost == 0 || next.Cmp(edge) <= 0, int64(0)
	if !allowed {
		retry = up(new(big.Int).Sub(next, edge), rate)
	} else if cost > 0 {
		l.full, l.rate, at = next, rate, next
	}
	remaining := new(big.Int).Quo(new(big.Int).Sub(edge, at), big.NewInt(period)).Int64()
	reset := up(new(big.Int).Sub(at, product(now, rate)), rate)
	return decision{allowed, max(0, remaining), reset, retry}
}

func (l *limit) window(rate, period, cost, now int64) decision {
	begin := now - now%period
	switch {
	case l.period != period || begin > l.begin+period:
		l.count, l.before = 0, 0
	case begin == l.begin+period:
		l.count, l.before = 0, l.count
	}
	l.begin, l.period = begin, period
	passed := now - begin
	weight := up(product(l.before, period-passed), period)
	allowed, retry := cost == 0 || weight+l.count+cost <= rate, int64(0)
	if allowed {
		l.count += cost
	} else {
		retry = l.wait(rate-cost, passed)
	}
	reset := int64(0)
	if l.count > 0 {
		reset = 2*period - passed
	} else if l.before > 0 {
		reset = period - passed
	}
	return decision{allowed, max(0, rate-weight-l.count), reset, retry}
}

// wait is how long until the window holds no more than room.
func (l *limit) wait(room, passed int64) int64 {
	down := func(a, of int64) int64 { return new(big.Int).Quo(product(l.period, a), big.NewInt(of)).Int64() }
	if free := room - l.count; free >= 0 {
		return l.period - down(free, l.before) - passed
	}
	wait := l.period - passed
	if l.count > room {
		wait += l.period - down(room, l.count)
	}
	return wait
}
