package edit

import (
	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/stream"
)

// Room is what a filter's edits may write of one stream, and where.
type Room struct {
	State  *state.Namespace // of the filter's VM: rates, shared data
	Enter  Entrance         // to circuits
	Memory []byte           // append-only: what is set in a pseudo header lives here
	Left   int              // bytes that may still be written
	Now    int64            // the wall clock in nanoseconds, where the list recalls
}

// Entrance is who holds a stream's place in a circuit, and gives it back.
type Entrance interface {
	EnterCircuit(p *circuit.Policy, key []byte) (allowed bool)
}

// Metrics counts up the metric of an id.
type Metrics interface {
	Increment(id uint32, delta int64) error
}

// Outcome is what came of the edits of a phase.
type Outcome uint8

// The outcomes.
const (
	// Made: the guest's callback comes next, if it has one.
	Made Outcome = iota
	// Spared: a gate was open or an edit said so, and nothing is left for the callback.
	Spared
	// Refused: an edit was that may not be. The request is not fit to go on.
	Refused
)

// Apply makes the edits of a phase.
func (l *List) Apply(s filter.Stream, phase filter.Phases, room *Room, m Metrics) Outcome {
	outcome := Made
	if l.phases&phase == 0 {
		return outcome
	}
	if l.retry != nil && phase == filter.PhaseRequestHeaders {
		s.Info().Wishes.Retry = l.retry
	}
	for i := range l.groups {
		g := &l.groups[i]
		if g.phases&phase == 0 {
			continue
		}
		made, spared, refused := g.apply(s, phase, room)
		if spared {
			outcome = Spared
		}
		if made && g.made != NoMetric {
			m.Increment(g.made, 1)
		}
		if refused > 0 {
			if g.refused != NoMetric {
				m.Increment(g.refused, int64(refused))
			}
			if g.strict {
				return Refused
			}
		}
	}
	if outcome == Made && l.recall != nil && phase == filter.PhaseRequestHeaders && l.recall.replay(s, room, m) {
		outcome = Spared
	}
	return outcome
}

// result is what became of one edit.
type result uint8

const (
	nothing result = iota // there was nothing to change
	changed
	opened // there is nothing left for the callback
	ended  // the group's edits behind it are not made
	refusal
)

func (g *group) apply(s filter.Stream, phase filter.Phases, room *Room) (made, spared bool, refused int) {
	for i := range g.edits {
		e := &g.edits[i]
		if e.phase != phase || !e.meets(s) {
			continue
		}
		switch e.apply(s, room) {
		case changed:
			made = true
		case opened:
			made, spared = true, true
		case ended:
			return made, spared, refused
		case refusal:
			refused++
		}
	}
	return made, spared, refused
}

// meets says whether the edit's conditions hold.
func (e *edit) meets(s filter.Stream) bool {
	if n := len(e.within); n > 0 {
		if p := s.Request().Path; len(p) < n || string(p[:n]) != e.within {
			return false
		}
	}
	if e.class == 0 && e.code == 0 {
		return true
	}
	r := s.Response()
	return r != nil && (e.class == 0 || r.Status/100 == e.class) && (e.code == 0 || r.Status == e.code)
}

func (e *edit) apply(s filter.Stream, room *Room) result {
	switch e.action {
	case setProperty:
		return e.setProperty(s, room)
	case replacePrefix:
		return e.replacePrefix(s.Request(), room)
	case gate, breaker:
		if e.open(s, room) {
			return opened
		}
		return nothing
	case onlyIf, onlyUnless:
		if e.holds(s) {
			return nothing
		}
		return ended
	case spare:
		return opened
	}
	h := &s.Request().Headers
	if e.phase == filter.PhaseResponseHeaders {
		h = &s.Response().Headers
	}
	switch e.action {
	case remove:
		return done(h.Del(e.name))
	case addIfAbsent:
		if h.Has(e.name) {
			return nothing
		}
	case setUnlessPlain:
		if plain(h.Peek(e.name)) && single(h, e.name) {
			return nothing
		}
	}
	return e.write(s, h, room)
}

func done(b bool) result {
	if b {
		return changed
	}
	return nothing
}

// write sets or adds the field.
func (e *edit) write(s filter.Stream, h *stream.Headers, room *Room) result {
	at := len(room.Memory)
	defer func() { room.Memory = room.Memory[:at] }()
	v, known := e.make(s, room)
	switch {
	case known && e.name == authority:
		if len(v) == 0 || !stream.ValidHost(v) || !room.spend(len(v)) {
			return refusal
		}
		s.Request().Authority = v
		at += len(v) // this stays
		return changed
	case known && (!stream.ValidValue(v) || !room.spend(len(e.name)+len(v))):
		if e.action == set || e.action == setUnlessPlain {
			h.Del(e.name) // nor for what cannot be said
		}
		return refusal
	case known && (e.action == set || e.action == setUnlessPlain):
		h.SetNamed(e.name, v)
		return changed
	case known:
		h.AddNamed(e.name, v)
		return changed
	case e.action == set && e.name != authority:
		return done(h.Del(e.name)) // what a client made up must not stand for what is not known
	}
	return nothing
}

// make makes the value at the end of the room's memory.
func (e *edit) make(s filter.Stream, room *Room) (v []byte, known bool) {
	at := len(room.Memory)
	room.Memory, known = e.value.append(room.Memory, s)
	return room.Memory[at:len(room.Memory):len(room.Memory)], known
}

func (e *edit) setProperty(s filter.Stream, room *Room) result {
	at := len(room.Memory)
	v, known := e.make(s, room)
	room.Memory = room.Memory[:at]
	switch {
	case !known:
		return nothing
	case len(v) > maxPropertyValue:
		return refusal
	}
	s.SetProperty(e.name, v)
	return changed
}

// maxPropertyValue bounds a property, in bytes.
const maxPropertyValue = 16 << 10

func (r *Room) spend(n int) bool {
	r.Left -= n
	return r.Left >= 0
}

// single says whether there is one field of a name, for which another could be taken.
func single(h *stream.Headers, name string) bool {
	n := 0
	for i := range h.Len() {
		if string(h.At(i).Name) == name {
			n++
		}
	}
	return n == 1
}

// plain says whether v can go into logs and headers as it is: 1 to 128 letters,
// digits and a few marks.
func plain(v []byte) bool {
	for _, c := range v {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == '~', c == '+', c == '/', c == '=', c == ':', c == '@':
		default:
			return false
		}
	}
	return len(v) > 0 && len(v) <= maxPlain
}

const maxPlain = 128
