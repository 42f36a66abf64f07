package weir

import "github.com/weirproxy/weir/sdk"

// Order is what a filter sets for others of a chain, and what it counts on. Declared
// when it is configured, "weir check" tells of chains in which it cannot work. It changes
// nothing of how requests are served. The zero value says nothing.
type Order struct{ lines []byte }

// Sets says that a property is there for filters behind this one, from its callback of
// the request's head on.
func (o *Order) Sets(property string) { o.line("sets ", property) }

// Reads says that the filter looks at a property in its callback of the request's head: one
// that filters set, not the host.
func (o *Order) Reads(property string) { o.line("reads ", property) }

// Logs says that the filter looks at a property later, in responses or the log.
func (o *Order) Logs(property string) { o.line("logs ", property) }

// Encodes says that the filter may encode the bodies of responses.
func (o *Order) Encodes() { o.line("encodes", "") }

// Parses says that the filter reads the bodies of responses, and can do nothing with
// encoded ones.
func (o *Order) Parses() { o.line("parses", "") }

func (o *Order) line(word, name string) {
	o.lines = append(append(append(o.lines, word...), name...), '\n')
}

// Declare hands it to the host, also where nothing was said: then there is nothing. A host
// that does not know it does without.
func (o *Order) Declare() { _, _ = sdk.Foreign("weir.order", o.lines) }
