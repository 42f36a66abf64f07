package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Edit is a change that is the same for all streams but for what its value
// takes from each. Declared once, the host makes it: that costs a stream a
// fraction of a callback.
type Edit struct {
	Phase  EditPhase
	Action EditAction
	Name   string     // of the field, in lower case, or the property; the prefix for ReplacePrefix
	Within string     // only where the request's path begins so; "" for any
	Status int        // only for that status or class (2 to 5); 0 for any
	Value  []EditPart // parts in a row
}

// EditPhase is when an edit is made: before the filter's own callback.
type EditPhase uint8

// The phases.
const (
	OnRequestHead EditPhase = iota
	OnResponseHead
	OnLog
)

// EditAction is what an edit does. One whose value has sources that are all
// empty is not made; SetField then removes the field.
type EditAction uint8

// The actions.
const (
	RemoveField    EditAction = iota
	SetField                  // replaces every field of the name by one
	AddField                  // appends one
	AddIfAbsent               // appends one unless there is one
	SetUnlessPlain            // sets it unless it has 1 to 128 letters, digits and "-_.~+/=:@"
	SetProperty               // for later filters and, as log.NAME, the access log
	ReplacePrefix             // of the path, by whole segments; for OnRequestHead, Value is text
	gate                      // see Edits.Gate
	breaker                   // see Edits.Breaker
	onlyIf                    // see Edits.OnlyIf
	onlyUnless                // see Edits.OnlyUnless
	spare                     // see Edits.Spare
)

// EditPart is a text, or where one comes from.
type EditPart struct {
	Source EditSource
	Text   string // the text, the field's name or the property's path
}

// EditSource is where a part of a value comes from.
type EditSource uint32

// The sources.
const (
	Text EditSource = iota
	RequestField
	ResponseField
	StatusClass // "2xx"
	ClientAddress
	RouteName
	ClusterName
	Property // that a filter of the stream has set
	UUIDv7
	UUIDv4
	ClientNetwork // its first address; the text is how many bits it has: a byte for IPv4, one for IPv6
)

// Edits is a list of edits to declare. The zero value has none, counts nothing
// and lets a stream go on whose edits are refused.
type Edits struct {
	Strict  bool         // a refused edit answers the request with 400
	Made    *sdk.Counter // of heads in which something was changed; may be nil
	Refused *sdk.Counter // of edits whose value may not stand there; may be nil
	list    []byte
	told    []byte // what Remember has said last, to be written over
}

// Add appends an edit.
func (l *Edits) Add(e Edit) {
	b := le.AppendUint32(l.list, uint32(e.Phase)|uint32(e.Action)<<8)
	b = le.AppendUint32(b, uint32(e.Status))
	l.list = appendParts(appendText(appendText(b, e.Name), e.Within), e.Value)
}

func appendParts(b []byte, value []EditPart) []byte {
	b = le.AppendUint32(b, uint32(len(value)))
	for _, p := range value {
		b = appendText(le.AppendUint32(b, uint32(p.Source)), p.Text)
	}
	return b
}

// Gate appends a rate limit: one unit of l is taken for the key that value
// makes, and where that is allowed the filter's OnRequestHeaders is not called, for
// there is nothing to refuse. It is called in all other cases: when the limit
// denies, the key is empty, or longer than 120 bytes beside its texts. A filter has one gate.
func (l *Edits) Gate(r Rate, key []EditPart) {
	l.Add(Edit{Phase: OnRequestHead, Action: gate, Name: sdk.View(NewLimiter(r).args[:ratePrefix]), Value: key})
}

// OnlyIf appends a question: what follows in the list for that phase is done only
// where a request's field, or a pseudo header, has one of some values, its first one
// counting; without values, where it is there.
func (l *Edits) OnlyIf(phase EditPhase, field string, values ...string) {
	l.ask(phase, onlyIf, field, values)
}

// OnlyUnless appends the opposite question.
func (l *Edits) OnlyUnless(phase EditPhase, field string, values ...string) {
	l.ask(phase, onlyUnless, field, values)
}

func (l *Edits) ask(phase EditPhase, action EditAction, field string, values []string) {
	parts := make([]EditPart, len(values))
	for i, v := range values {
		parts[i] = EditPart{Text, v}
	}
	l.Add(Edit{Phase: phase, Action: action, Name: field, Value: parts})
}

// Spare appends that the filter's callback of a head is not made: nothing is left
// for it. That counts as a change.
func (l *Edits) Spare(phase EditPhase) { l.Add(Edit{Phase: phase, Action: spare}) }

// Declare hands the list to the host, when the filter is configured.
// sdk.ErrNotFound says that this host does not know edits.
func (l *Edits) Declare() error {
	_, err := sdk.Foreign("weir.edits", l.append(nil))
	return err
}

// append appends the list as arguments.
func (l *Edits) append(b []byte) []byte {
	flags := uint32(0)
	if l.Strict {
		flags = 1
	}
	b = le.AppendUint32(b, 1) // version
	b = le.AppendUint32(b, flags)
	b = le.AppendUint32(b, counterID(l.Made))
	b = le.AppendUint32(b, counterID(l.Refused))
	return append(b, l.list...)
}

func counterID(c *sdk.Counter) uint32 {
	if c == nil {
		return 1<<32 - 1
	}
	return c.ID()
}

func appendText(b []byte, s string) []byte {
	return append(le.AppendUint32(b, uint32(len(s))), s...)
}
