package order

import "slices"

// Link is a filter in a chain. Order is nil where nothing is known of it: it may set
// whatever others look at.
type Link struct {
	Name  string
	Order *Order
}

// known says whether the filter is sure not to do what it has not said.
func (l *Link) known() bool { return l.Order != nil && l.Order.Said }

func (l *Link) sets(property string) bool {
	return l.Order != nil && slices.Contains(l.Order.Sets, property)
}

// Late is a filter of a chain that looks at a property too early.
type Late struct {
	Reader, Setter string // who sets it comes behind
	Property       string
}

// Late finds the filters that look at a property which only filters behind them set.
func (c Chain) Late(yield func(Late)) {
	for i := range c {
		if c[i].Order == nil {
			continue
		}
		for _, property := range c[i].Order.Reads {
			if c[:i].mayset(property) {
				continue
			}
			if at := slices.IndexFunc(c[i+1:], func(l Link) bool { return l.sets(property) }); at >= 0 {
				yield(Late{c[i].Name, c[i+1+at].Name, property})
			}
		}
	}
}

// Chain is the filters of a route, in order.
type Chain []Link

// mayset says whether a filter of the chain sets a property, or one is not known that
// might.
func (c Chain) mayset(property string) bool {
	return slices.ContainsFunc(c, func(l Link) bool { return !l.known() || l.sets(property) })
}

// Encoded is a filter of a chain that gets encoded what it reads.
type Encoded struct{ Reader, Encoder string }

// Encoded finds the filters that read the bodies of responses which a filter behind
// them, where responses come by first, has encoded.
func (c Chain) Encoded(yield func(Encoded)) {
	for i := range c {
		if c[i].Order == nil || !c[i].Order.Parses {
			continue
		}
		if at := slices.IndexFunc(c[i+1:], func(l Link) bool { return l.Order != nil && l.Order.Encodes }); at >= 0 {
			yield(Encoded{c[i].Name, c[i+1+at].Name})
		}
	}
}

// Missing yields the properties that a filter looks at and that no filter sets in any
// of the chains it stands in. A filter may serve many routes: that one of them sets
// nothing may well be meant.
func Missing(chains []Chain, name string, yield func(property string)) {
	var wanted []string
	for _, c := range chains {
		for i := range c {
			if c[i].Name == name && c[i].Order != nil {
				wanted = slices.Concat(c[i].Order.Reads, c[i].Order.Logs)
			}
		}
	}
	slices.Sort(wanted)
	for _, property := range slices.Compact(wanted) {
		if !slices.ContainsFunc(chains, func(c Chain) bool {
			return slices.ContainsFunc(c, func(l Link) bool { return l.Name == name }) && c.mayset(property)
		}) {
			yield(property)
		}
	}
}
