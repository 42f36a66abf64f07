package jsonedit

import (
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
)

// The errors of Append.
var (
	ErrSyntax    = errors.New("jsonedit: not valid JSON")
	ErrDepth     = errors.New("jsonedit: nested too deeply")
	ErrDuplicate = errors.New("jsonedit: an object has a member twice")
)

// MaxDepth bounds objects and arrays within each other.
const MaxDepth = 64

// Append appends the changed document, with values, each of them JSON, for what is
// set. Documents that two readers could read in two ways are refused: with members
// that are there twice, with text that is not UTF-8.
func (p *Program) Append(dst, document []byte, values [][]byte) ([]byte, error) {
	if len(values) != p.values {
		return dst, errors.New("jsonedit: not as many values as are set")
	}
	e := editor{in: document, out: dst, values: values}
	e.space()
	if err := e.element(&p.root, !p.picks); err != nil {
		return dst, err
	}
	if len(e.out) == len(dst) { // nothing of it was picked
		e.out = append(e.out, "null"...)
	}
	if e.space(); e.at < len(e.in) {
		return dst, ErrSyntax
	}
	return e.out, nil
}

// editor is one document on its way.
type editor struct {
	in     []byte
	at     int
	out    []byte
	values [][]byte
	depth  int
	hashes []uint64 // of the names of the open objects' members
	text   []byte   // a name without escapes
}

var seed = maphash.MakeSeed()

// element edits the value that comes next. all says that what no rule speaks of is
// kept. A value of which nothing is kept writes nothing.
func (e *editor) element(n *node, all bool) error {
	if e.at == len(e.in) {
		return ErrSyntax
	}
	c := e.in[e.at]
	if all && (n == nil || len(n.members) == 0) || c != '{' && c != '[' {
		begin := e.at
		if err := e.skip(); err != nil {
			return err
		}
		if all {
			e.out = append(e.out, e.in[begin:e.at]...)
		}
		return nil
	}
	if e.depth++; e.depth > MaxDepth {
		return ErrDepth
	}
	defer func() { e.depth-- }()
	e.at++
	if c == '{' {
		return e.object(n, all)
	}
	return e.array(n, all)
}

func (e *editor) array(n *node, all bool) error {
	e.out = append(e.out, '[')
	begin := len(e.out)
	err := e.list(']', func() error {
		comma := len(e.out)
		if comma > begin {
			e.out = append(e.out, ',')
		}
		before := len(e.out)
		err := e.element(n, all)
		if len(e.out) == before {
			e.out = e.out[:comma]
		}
		return err
	})
	e.out = append(e.out, ']')
	return err
}

func (e *editor) object(n *node, all bool) error {
	e.out = append(e.out, '{')
	begin, names := len(e.out), len(e.hashes)
	met := uint64(0) // members of n
	err := e.list('}', func() error {
		name, raw, err := e.name()
		if err != nil {
			return err
		}
		i := n.find(name)
		if i < 0 {
			return e.unnamed(n, name, raw, begin, all)
		}
		return e.named(&n.members[i], raw, begin, all, func() { met |= 1 << i })
	})
	if err != nil {
		return err
	}
	if err := e.unique(names); err != nil {
		return err
	}
	e.missing(n, met, begin)
	e.out = append(e.out, '}')
	return nil
}

// unnamed copies a member of which no rule speaks.
func (e *editor) unnamed(n *node, name string, raw []byte, begin int, all bool) error {
	if !all || n.replaced(name) {
		return e.skip()
	}
	e.key(raw, begin)
	from := e.at
	err := e.skip()
	e.out = append(e.out, e.in[from:e.at]...)
	return err
}

// named edits a member. met is told if it is there afterwards.
func (e *editor) named(m *member, raw []byte, begin int, all bool, met func()) error {
	inner := all || m.picked
	container := e.at < len(e.in) && (e.in[e.at] == '{' || e.in[e.at] == '[')
	switch {
	case m.removed && m.set == 0,
		m.set == 0 && !inner && !(m.leads && container):
		return e.skip()
	}
	before := len(e.out)
	if m.rename != "" {
		e.comma(begin)
		e.out = append(appendQuoted(e.out, m.rename), ':')
	} else {
		e.key(raw, begin)
	}
	met()
	if m.set > 0 {
		e.out = append(e.out, e.values[m.set-1]...)
		return e.skip()
	}
	from := len(e.out)
	err := e.element(&m.inside, inner)
	if len(e.out) == from {
		e.out = e.out[:before]
	}
	return err
}

// missing makes the members that are set and were not met.
func (e *editor) missing(n *node, met uint64, begin int) {
	if n == nil {
		return
	}
	for i := range n.members {
		m := &n.members[i]
		if met&(1<<i) != 0 || m.set == 0 && (!m.makes || m.removed) {
			continue
		}
		e.comma(begin)
		name := m.name
		if m.rename != "" {
			name = m.rename
		}
		e.out = append(appendQuoted(e.out, name), ':')
		if m.set > 0 {
			e.out = append(e.out, e.values[m.set-1]...)
			continue
		}
		e.out = append(e.out, '{')
		e.missing(&m.inside, 0, len(e.out))
		e.out = append(e.out, '}')
	}
}

func (e *editor) key(raw []byte, begin int) {
	e.comma(begin)
	e.out = append(append(e.out, raw...), ':')
}

func (e *editor) comma(begin int) {
	if len(e.out) > begin {
		e.out = append(e.out, ',')
	}
}

// unique finds a member that the object whose names begin there has twice.
func (e *editor) unique(names int) error {
	own := e.hashes[names:]
	slices.Sort(own)
	for i := 1; i < len(own); i++ {
		if own[i] == own[i-1] {
			return ErrDuplicate
		}
	}
	e.hashes = e.hashes[:names]
	return nil
}

// appendQuoted appends text as a string of JSON.
func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(append(dst, `\u00`...), strconv.FormatInt(int64(c)+0x100, 16)[1:]...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
