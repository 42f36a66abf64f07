package sdktest

import (
	"strconv"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// breaker is a circuit of one key. It keeps what happened in the window one by
// one: this is here to be right, not fast.
type breaker struct {
	state        uint32 // 0 closed, 1 open, 2 half-open
	term         int
	streak       int64
	seen         []sample // of the window
	until, since int64
	span, lease  int64
	probes, good int64
}

type sample struct {
	slot int64
	bad  bool
}

// policy is what a call of weir.circuit_enter brings.
type policy struct {
	consecutive, percent, minimum, probes, growth int64
	faults, grpc                                  uint32
	window, open, longest                         int64
	statuses                                      []byte
	counters                                      [3]uint32 // opened, half-opened, closed
}

// policySize is its length, in bytes.
const policySize = 136

func readPolicy(a *args) (p policy, ok bool) {
	p.consecutive, p.percent, p.minimum, p.probes = int64(a.u32()), int64(a.u32()), int64(a.u32()), int64(a.u32())
	p.growth, p.faults, p.grpc = int64(a.u32()), a.u32(), a.u32()
	reserved := a.u32()
	p.window, p.open, p.longest = a.i64(), a.i64(), a.i64()
	p.statuses = append(p.statuses, a.take(64)...)
	for i := range p.counters {
		p.counters[i] = a.u32()
	}
	reserved |= a.u32()
	const day, many = 24 * 3600e9, 1e6
	return p, !a.bad && reserved == 0 && p.consecutive <= many && p.percent <= 100 && p.minimum <= many &&
		(p.percent == 0 || p.window >= 10 && p.window <= day && p.minimum > 0) &&
		p.open >= 1 && p.open <= day && p.longest >= p.open && p.longest <= day &&
		p.growth >= 100 && p.growth <= 1000 && p.probes >= 1 && p.probes <= 1000 &&
		p.faults < 1<<4 && p.grpc < 1<<17
}

// place is a stream's in a circuit.
type place struct {
	of    *breaker
	term  int
	probe bool
	policy
}

// circuitEnter: policy, key → allowed u32, state u32, retry i64.
func circuitEnter(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	p, ok := readPolicy(a)
	key := a.rest()
	s := h.effective
	if !ok || len(key) > 256 || s == nil || s.place.of != nil || s.half[abi.Request].passed {
		return nil, abi.BadArgument
	}
	b := h.store.breaks[string(key)]
	if b == nil {
		b = &breaker{}
		h.store.breaks[string(key)] = b
	}
	allowed, retry := b.enter(h, &p)
	if allowed {
		s.place = place{b, b.term, b.state == 2, p}
	}
	dst = le.AppendUint32(appendBool(dst, allowed), b.state)
	return le.AppendUint64(dst, uint64(retry)), abi.OK
}

func (b *breaker) enter(h *Host, p *policy) (allowed bool, retry int64) {
	switch {
	case b.state == 0:
		return true, 0
	case b.state == 1 && h.now < b.until:
		return false, b.until - h.now
	case b.state == 1:
		b.turn(h, 2, p.counters[1])
	case b.probes+b.good >= p.probes && h.now >= b.lease:
		b.turn(h, 2, noCounter)
	}
	if b.probes+b.good >= p.probes {
		return false, 0
	}
	b.probes++
	b.lease = h.now + p.open
	return true, 0
}

func (b *breaker) turn(h *Host, state, counter uint32) {
	*b = breaker{state: state, term: b.term + 1, until: b.until, since: b.since, span: b.span, lease: b.lease}
	if counter != noCounter {
		h.MetricIncrement(counter, 1)
	}
}

// judge tells the circuit how a stream went; final at its end.
func (s *Stream) judge(final bool) {
	if s.place.of == nil {
		return
	}
	status, _ := strconv.Atoi(s.peek(abi.Response, ":status"))
	n := status - 100
	switch bad := n >= 0 && s.place.statuses[n/8]>>(n%8)&1 != 0; {
	case s.local || s.cut || status == 0 && final:
		s.leaveCircuit(false, false)
	case status > 0 && (bad || s.place.probe || final):
		s.leaveCircuit(!bad, bad)
	}
}

// leaveCircuit gives the place back. What is neither good nor bad says nothing.
func (s *Stream) leaveCircuit(good, bad bool) {
	h, p, b := s.host, &s.place.policy, s.place.of
	stale := s.place.term != b.term
	s.place.of = nil
	if stale {
		return
	}
	if b.state == 2 {
		b.probes--
		if good {
			b.good++
		}
		if bad {
			b.trip(h, p)
		} else if b.good >= p.probes {
			b.since = h.now
			b.turn(h, 0, p.counters[2])
		}
		return
	}
	if !good && !bad {
		return
	}
	b.streak++
	if good {
		b.streak = 0
	}
	if b.count(h, p, bad); bad && (p.consecutive > 0 && b.streak >= p.consecutive || b.crowded(p)) {
		b.trip(h, p)
	}
}

// count keeps what is in the window.
func (b *breaker) count(h *Host, p *policy, bad bool) {
	if p.percent == 0 {
		return
	}
	slot := h.now / (p.window / 10)
	var left []sample
	for _, s := range append(b.seen, sample{slot, bad}) {
		if s.slot > slot-10 {
			left = append(left, s)
		}
	}
	b.seen = left
}

func (b *breaker) crowded(p *policy) bool {
	bad := int64(0)
	for _, s := range b.seen {
		if s.bad {
			bad++
		}
	}
	n := int64(len(b.seen))
	return p.percent > 0 && n >= p.minimum && bad*100 >= n*p.percent
}

func (b *breaker) trip(h *Host, p *policy) {
	span := p.open
	if b.span > 0 && (b.state == 2 || h.now-b.since < b.span) {
		span = min(max(b.span*p.growth/100, p.open), p.longest)
	}
	b.turn(h, 1, p.counters[0])
	b.span, b.until = span, h.now+span
}
