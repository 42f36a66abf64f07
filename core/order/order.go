// Package order is what filters say of their place among others: which properties of a
// stream they set, and which they count on. From that follows which chains are
// accepted but cannot be meant.
//
// Filters say it themselves, when they are configured: so a stranger's can, in any
// language, and what is said is of the configuration at hand. Nothing of it is looked at
// while requests are served.
//
// Start at [Order].
package order

import (
	"bytes"
	"errors"
	"slices"
)

// Order is what one configured filter has said, with weir.order.
type Order struct {
	Said bool // that there is nothing beside what stands here

	Sets  []string // properties that are there behind it, while a request's head goes up
	Reads []string // properties it looks at there: who sets one stands before it
	Logs  []string // properties it looks at later: who sets one stands anywhere

	Encodes bool // it may encode responses
	Parses  bool // it reads the bodies of responses: whoever encodes them stands before it
}

// The bounds of what one filter says.
const (
	MaxBytes = 16 << 10 // of one call
	MaxNames = 512      // of each kind
)

// The errors of [Order.Add].
var (
	ErrMalformed = errors.New("order: malformed")
	ErrTooMany   = errors.New("order: too much is said")
)

// Add takes the arguments of a call, a line each: "sets", "reads" or "logs", a space and
// a property's name; "encodes"; "parses". Of a call with an error nothing is kept.
func (o *Order) Add(args []byte) error {
	if len(args) > MaxBytes {
		return ErrTooMany
	}
	next := Order{true, slices.Clone(o.Sets), slices.Clone(o.Reads), slices.Clone(o.Logs), o.Encodes, o.Parses}
	for line := range bytes.SplitSeq(args, []byte("\n")) {
		if len(line) > 0 && !next.line(line) {
			return ErrMalformed
		}
	}
	if max(len(next.Sets), len(next.Reads), len(next.Logs)) > MaxNames {
		return ErrTooMany
	}
	*o = next
	return nil
}

// line takes one line, and says whether it is one.
func (o *Order) line(line []byte) bool {
	word, name, named := bytes.Cut(line, []byte(" "))
	switch w := string(word); {
	case named && !printable(name):
		return false
	case named && w == "sets":
		add(&o.Sets, name)
	case named && w == "reads":
		add(&o.Reads, name)
	case named && w == "logs":
		add(&o.Logs, name)
	case !named && w == "encodes":
		o.Encodes = true
	case !named && w == "parses":
		o.Parses = true
	default:
		return false
	}
	return true
}

func add(list *[]string, name []byte) {
	if !slices.Contains(*list, string(name)) {
		*list = append(*list, string(name))
	}
}

// printable says whether a name can stand in a message: 1 to 256 characters of ASCII
// without a space.
func printable(name []byte) bool {
	return len(name) >= 1 && len(name) <= 256 && !slices.ContainsFunc(name, func(c byte) bool { return c <= ' ' || c > '~' })
}
