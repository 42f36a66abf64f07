package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// editGroup is what one call of weir.edits declares.
type editGroup struct {
	edits         []edit
	strict        bool
	made, refused uint32 // counters' ids, or noCounter
}

// edit is one change that the host makes in every stream.
type edit struct {
	phase  phase
	action uint32
	status int // that status, or class; 0 for any
	name   string
	within string
	parts  []editPart
}

// editPart is a text or where one comes from.
type editPart struct {
	source uint32
	text   string
}

// The actions, in the order of their numbers.
const (
	removeField = iota
	setField
	addField
	addIfAbsent
	setUnlessPlain
	setProperty
	replacePrefix
	gate
	breakerEdit
	onlyIf
	onlyUnless
	spareEdit
)

// The bounds of what a root declares.
const (
	maxEdits     = 256
	maxEditBytes = 64 << 10
	noCounter    = 1<<32 - 1
)

// declareEdits: version, flags, made, refused u32, edits.
func declareEdits(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if h.phase != configuring {
		return nil, abi.BadArgument
	}
	if h.editBytes+len(a.b) > maxEditBytes {
		return nil, abi.InternalFailure
	}
	size, count, gates := len(a.b), 0, 0
	for _, g := range h.edits {
		count += len(g.edits)
		gates += g.gates()
	}
	version, flags := a.u32(), a.u32()
	g := editGroup{strict: flags == 1, made: a.u32(), refused: a.u32()}
	if version != 1 {
		return nil, abi.BadArgument
	}
	for len(a.b) > 0 && !a.bad {
		if count+len(g.edits) == maxEdits {
			return nil, abi.InternalFailure
		}
		g.edits = append(g.edits, a.edit())
	}
	if a.bad || flags > 1 || gates+g.gates() > 1 {
		return nil, abi.BadArgument
	}
	h.edits = append(h.edits, g)
	h.editBytes += size
	return dst, abi.OK
}

func (g *editGroup) gates() (n int) {
	for i := range g.edits {
		if a := g.edits[i].action; a == gate || a == breakerEdit {
			n++
		}
	}
	return n
}

func (a *args) text() string { return string(a.take(int(a.u32()))) }

// edit reads one, and finds it bad if it could never be made.
func (a *args) edit() (e edit) {
	what := a.u32()
	status := a.u32()
	e = edit{phase: phase(what & 0xff), action: what >> 8, status: int(status), name: a.text(), within: a.text()}
	e.parts = a.parts()
	phases := [...]phase{requestHead, responseHead, logging}
	if a.bad || int(e.phase) >= len(phases) {
		a.bad = true
		return e
	}
	e.phase = phases[e.phase]
	inRange := status == 0 || e.phase != requestHead && (status >= 2 && status <= 5 || status >= 200 && status <= 599)
	a.bad = !inRange || !e.sound()
	return e
}

// parts reads a value.
func (a *args) parts() (parts []editPart) {
	n := a.u32()
	for i := uint32(0); i < n && !a.bad; i++ {
		p := editPart{a.u32(), a.text()}
		named := p.source == fromRequest || p.source == fromResponse || p.source == fromProperty
		a.bad = a.bad || p.source > fromNetwork || named && p.text == "" ||
			p.source == fromNetwork && (len(p.text) != 2 || p.text[0] > 32 || p.text[1] > 128)
		parts = append(parts, p)
	}
	return parts
}

// sound says whether the edit can be carried out at all.
func (e *edit) sound() bool {
	early := e.phase == requestHead
	if e.within != "" && e.within[0] != '/' || early && e.needsResponse() {
		return false
	}
	switch e.action {
	case setProperty:
		return e.name != "" && len(e.name) <= 256 && (!strings.HasPrefix(e.name, "weir.") || e.name == "weir.keep_route") && !strings.HasPrefix(e.name, "weir\x00")
	case gate:
		return early && len(e.name) == 32 && e.name[4:8] == "\x00\x00\x00\x00"
	case breakerEdit:
		_, ok := readPolicy(&args{b: []byte(e.name)})
		return early && ok && len(e.name) == policySize
	case onlyIf, onlyUnless:
		switch e.name {
		case ":method", ":path", ":authority", ":scheme":
			return e.fixed()
		}
		return e.fixed() && validName(e.name) && e.name == strings.ToLower(e.name) && e.name != "host"
	case spareEdit:
		return e.phase != logging && e.name == "" && len(e.parts) == 0
	case replacePrefix:
		return early && strings.HasPrefix(e.name, "/") && e.fixed()
	case setField:
		if early && e.name == ":authority" {
			return true
		}
	}
	return e.action < gate && e.phase != logging && validName(e.name) && e.name == strings.ToLower(e.name) && e.name != "host"
}
