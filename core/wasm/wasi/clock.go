package wasi

// The clocks there are.
const (
	clockReal      = 0
	clockMonotonic = 1
)

// clockCost is what reading a clock costs, in fuel.
const clockCost = 50

// clockResGet writes that a clock counts single nanoseconds.
func clockResGet(g Guest, a []uint64) errno {
	if id := uint32(a[0]); id != clockReal && id != clockMonotonic {
		return notsup
	}
	if !g.WriteU64(uint32(a[1]), 1) {
		return fault
	}
	return ok
}

// clockTimeGet writes the time in nanoseconds.
func clockTimeGet(g Guest, a []uint64) errno {
	var now int64
	switch uint32(a[0]) {
	case clockReal:
		now = g.Now().UnixNano()
	case clockMonotonic:
		now = 1 + int64(g.Uptime()) // Go guests take 0 for no clock
	default:
		return notsup
	}
	g.Charge(clockCost)
	if !g.WriteU64(uint32(a[2]), uint64(now)) {
		return fault
	}
	return ok
}
