package foreign

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/core/jsonedit"
)

// The bounds of documents.
const (
	jsonCache    = 1 << 20 // bytes of programs kept compiled
	laneDocument = 16 << 10
	asyncMost    = 1 << 20
	perStep      = 200 // bytes a step of a rule takes
)

// jsonEdits has programs, compiled once each.
type jsonEdits struct{ compiled *cache[*jsonedit.Program] }

func newJSON() *jsonEdits { return &jsonEdits{newCache[*jsonedit.Program](jsonCache)} }

func (j *jsonEdits) functions() []Function {
	return []Function{
		{Name: "weir.json_edit", Run: j.bounded(laneDocument)},
		{Name: "weir.async.json_edit", Async: true, Run: j.bounded(asyncMost)},
	}
}

// bounded: program size u32, program, values u32, each: size u32, JSON; document →
// the document changed. A document that cannot be read is SERIALIZATION_FAILURE.
func (j *jsonEdits) bounded(most int) Func {
	return func(_ Call, dst, b []byte) ([]byte, int64, Status) {
		a := args{b: b}
		text := a.bytes(a.u32())
		count := a.u32()
		if !a.ok() || count > jsonedit.MaxOps {
			return dst, refusal, BadArgument
		}
		values := make([][]byte, count)
		for i := range values {
			values[i] = a.bytes(a.u32())
		}
		document := a.rest()
		p := j.program(text)
		if !a.ok() || p == nil || p.Values() != len(values) || len(document) > most {
			return dst, refusal, BadArgument
		}
		cost := 500 + 4*int64(len(document)) // ns
		out, err := p.Append(dst, document, values)
		switch {
		case err != nil:
			return dst, cost, SerializationFailure
		case len(out)-len(dst) > asyncMost:
			return dst, cost, BadArgument
		}
		return out, cost, OK
	}
}

// program answers a remembered program, nil for one that is none.
func (j *jsonEdits) program(text []byte) *jsonedit.Program {
	if p, ok := j.compiled.find(text); ok {
		return p
	}
	p, steps := readProgram(text)
	j.compiled.add(text, p, perStep*(steps+1))
	return p
}

// readProgram reads rules: action u32, path size u32, names parted by NUL, size u32,
// the new name.
func readProgram(text []byte) (p *jsonedit.Program, steps int) {
	var ops []jsonedit.Op
	a := args{b: text}
	for len(a.b) > 0 && len(ops) <= jsonedit.MaxOps {
		action := a.u32()
		path := a.bytes(a.u32())
		to := a.bytes(a.u32())
		if !a.ok() || action > uint32(jsonedit.Set) {
			return nil, 0
		}
		steps += 1 + bytes.Count(path, []byte{0})
		ops = append(ops, jsonedit.Op{Action: jsonedit.Action(action), Path: strings.Split(string(path), "\x00"), To: string(to)})
	}
	p, err := jsonedit.Compile(ops)
	if err != nil {
		return nil, 0
	}
	return p, steps
}
