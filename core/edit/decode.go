package edit

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// The errors of Add.
var (
	ErrMalformed = errors.New("malformed edits")
	ErrTooMany   = errors.New("too many edits")
)

// version is that of the encoding.
const version = 1

// flagStrict, among a group's flags, has a refused edit answer the request.
const flagStrict = 1

// Add reads one call's arguments and adds its edits to the list, or leaves it as
// it is.
func (l *List) Add(encoded []byte) error {
	if l.bytes+len(encoded) > maxBytes {
		return ErrTooMany
	}
	d := Decoder{Rest: encoded}
	var g group
	if err := d.group(&g, maxEdits-l.edits); err != nil {
		return err
	}
	gated := l.gated
	for i := range g.edits {
		switch a := g.edits[i].action; {
		case a != gate && a != breaker:
			continue
		case gated:
			return ErrMalformed
		case a == breaker:
			// There it is told how the request went.
			g.phases |= filter.PhaseResponseHeaders | filter.PhaseResponseTrailers
		}
		gated = true
	}
	l.groups = append(l.groups, g)
	l.edits += len(g.edits)
	l.bytes += len(encoded)
	l.phases |= g.phases
	l.gated = gated
	return nil
}

// group reads all arguments of a call.
func (d *Decoder) group(g *group, most int) error {
	if d.Number() != version {
		return ErrMalformed
	}
	flags := d.Number()
	*g = group{strict: flags&flagStrict != 0, made: d.Number(), refused: d.Number()}
	for len(d.Rest) > 0 && !d.Bad {
		if len(g.edits) == most {
			return ErrTooMany
		}
		e := d.edit()
		g.edits = append(g.edits, e)
		g.phases |= e.phase
	}
	if d.Bad || flags&^flagStrict != 0 {
		return ErrMalformed
	}
	return nil
}

// Decoder reads what filters declare: numbers, texts, values, one after another.
// Once something is wrong it answers zeroes, and Bad says so.
type Decoder struct {
	Rest []byte // what is still to be read
	Bad  bool
	told bool // properties may be those by which filters say who a client is
}

func (d *Decoder) take(n uint32) []byte {
	if d.Bad || uint64(n) > uint64(len(d.Rest)) {
		d.Bad, d.Rest = true, nil
		return nil
	}
	b := d.Rest[:n]
	d.Rest = d.Rest[n:]
	return b
}

// Number reads a u32.
func (d *Decoder) Number() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Long reads a u64.
func (d *Decoder) Long() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Text reads a u32 and so many bytes.
func (d *Decoder) Text() string { return string(d.take(d.Number())) }

func (d *Decoder) edit() (e edit) {
	what := d.Number() // phase, action, two zeroes
	phase, act := what&0xff, what>>8
	status := d.Number()
	e.name, e.within = d.Text(), d.Text()
	e.value = d.value()
	if d.Bad || phase >= uint32(len(phasesOf)) || act > uint32(lastAction) {
		d.Bad = true
		return edit{}
	}
	e.phase, e.action = phasesOf[phase], action(act)
	switch {
	case status == 0:
	case phase == 0: // not known yet
		d.Bad = true
	case status >= 2 && status <= 5:
		e.class = int(status)
	case status >= 200 && status <= 599:
		e.code = int(status)
	default:
		d.Bad = true
	}
	d.Bad = d.Bad || !e.sound(phase) && !(d.told && e.tells())
	return e
}

// sound says whether an edit can be carried out at all.
func (e *edit) sound(phase uint32) bool {
	if e.within != "" && e.within[0] != '/' || phase == 0 && e.value.needsResponse() {
		return false
	}
	switch e.action {
	case setProperty:
		return e.name != "" && len(e.name) <= maxProperty && (!strings.HasPrefix(e.name, "weir.") || e.name == keepRoute) && !strings.HasPrefix(e.name, "weir\x00")
	case gate:
		return phase == 0 && e.readRate()
	case breaker:
		return phase == 0 && e.readPolicy()
	case onlyIf, onlyUnless:
		return e.soundGuard()
	case spare:
		return phase <= 1 && e.name == "" && len(e.value) == 0
	case replacePrefix:
		return phase == 0 && strings.HasPrefix(e.name, "/") && e.value.fixed()
	case remove:
		return phase <= 1 && fieldName(e.name)
	case set:
		if phase == 0 && e.name == authority {
			return true
		}
	}
	return phase <= 1 && fieldName(e.name)
}

// keepRoute has the route stay although an edit changes the path.
const keepRoute = "weir.keep_route"

// tells says whether the edit sets what filters say of a client. Of weir. nothing
// else is a plain note.
func (e *edit) tells() bool {
	return e.action == setProperty && len(e.name) <= maxProperty && (e.name == "weir.identity" || strings.HasPrefix(e.name, "weir.claim."))
}

// authority is the one pseudo header that can be set.
const authority = ":authority"

// maxProperty bounds a property's path, in bytes.
const maxProperty = 256

// fieldName says whether name is one of a field, in lower case.
func fieldName(name string) bool {
	b := []byte(name)
	return stream.LowerName(b) && string(b) == name && name != "host"
}
