// Package jsonedit changes JSON documents by a program: which members are
// picked, removed, renamed and set. It reads a document once, strictly, and copies
// what it does not change byte by byte, so that numbers keep their digits.
//
// Start at [Compile] and [Program.Append].
package jsonedit

import (
	"errors"
	"fmt"
	"strings"
)

// Action is what becomes of a member.
type Action uint8

// The actions. Values are part of the encoding of weir.json_edit.
const (
	Pick   Action = iota // it is kept, and what is not picked is not
	Remove               // it goes
	Rename               // it gets the name To; a member that has that name already goes
	Set                  // it gets the next of the values, and is made where it is missing
)

// Op is one rule. Path are the names of members from the outermost on; arrays on the
// way stand for each of their elements.
type Op struct {
	Action Action
	Path   []string
	To     string
}

// The bounds of a program.
const (
	MaxOps   = 64
	maxSteps = 16 // of a path
)

// Program is a compiled list of rules. It never changes.
type Program struct {
	root   node
	picks  bool
	values int
}

// node is what the rules say of the members of an object.
type node struct {
	members []member
	targets []string // the new names of members
}

// member is what they say of one, and of what is in it.
type member struct {
	name    string
	inside  node
	picked  bool
	leads   bool // something inside is picked
	removed bool
	rename  string
	set     int  // 1 + the value's index
	makes   bool // something inside is set
}

var errSet = errors.New("jsonedit: a member is set twice, or set and has members that are")

// Compile makes a program.
func Compile(ops []Op) (*Program, error) {
	if len(ops) > MaxOps {
		return nil, fmt.Errorf("jsonedit: %d rules, at most %d are taken", len(ops), MaxOps)
	}
	p := &Program{}
	for i := range ops {
		if err := p.add(&ops[i]); err != nil {
			return nil, err
		}
	}
	return p, p.root.check()
}

// check finds members that would get one name.
func (n *node) check() error {
	for i := range n.members {
		m := &n.members[i]
		if m.set > 0 && m.rename == "" && n.replaced(m.name) {
			return fmt.Errorf("jsonedit: %q is set, and another member gets its name", m.name)
		}
		if err := m.inside.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) add(op *Op) error {
	if len(op.Path) == 0 || len(op.Path) > maxSteps {
		return fmt.Errorf("jsonedit: a path of %d steps; 1 to %d are taken", len(op.Path), maxSteps)
	}
	n := &p.root
	var m *member
	for i, name := range op.Path {
		m = n.member(name)
		if m.set > 0 && (op.Action == Set || i < len(op.Path)-1) {
			return errSet
		}
		if last := i == len(op.Path)-1; !last {
			m.leads = m.leads || op.Action == Pick
			m.makes = m.makes || op.Action == Set
			n = &m.inside
		}
	}
	switch op.Action {
	case Pick:
		m.picked, p.picks = true, true
	case Remove:
		m.removed = true
	case Rename:
		if op.To == "" || m.rename != "" {
			return errors.New("jsonedit: a member is renamed twice, or to nothing")
		}
		if n.replaced(op.To) {
			return fmt.Errorf("jsonedit: two members get the name %q", op.To)
		}
		m.rename = op.To
		n.targets = append(n.targets, op.To)
	case Set:
		if m.makes {
			return errSet
		}
		p.values++
		m.set = p.values
	default:
		return fmt.Errorf("jsonedit: unknown action %d", op.Action)
	}
	return nil
}

// Values is how many values [Program.Append] takes: one for each Set, in their order.
func (p *Program) Values() int { return p.values }

func (n *node) member(name string) *member {
	if i := n.find(name); i >= 0 {
		return &n.members[i]
	}
	n.members = append(n.members, member{name: strings.Clone(name)})
	return &n.members[len(n.members)-1]
}

// find is the place of what is said of a member, -1 where nothing is.
func (n *node) find(name string) int {
	if n == nil {
		return -1
	}
	for i := range n.members {
		if n.members[i].name == name {
			return i
		}
	}
	return -1
}

// replaced says whether a name is the new one of another member.
func (n *node) replaced(name string) bool {
	if n == nil {
		return false
	}
	for _, t := range n.targets {
		if t == name {
			return true
		}
	}
	return false
}
