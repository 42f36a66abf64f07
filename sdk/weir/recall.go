package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Fact is one of those that decide what a filter does with a request's head.
type Fact struct {
	Source FactSource
	Text   string
}

// FactSource is what a fact is of.
type FactSource uint32

// The sources. Text is empty where nothing is said.
const (
	// FactField: the request's field of the name Text, in lower case. A request that has it
	// not exactly once is never alike another.
	FactField FactSource = iota
	FactMethod
	// FactPath: the path without its query, as far as a filter can see that compares
	// whole segments with some words, in any case: Text, parted by slashes. Paths are alike
	// that have the same words at the same places, and elsewhere any segments of letters,
	// digits, "-", "_", "~" and dots inside. A path with anything else is never alike another.
	FactPath
	FactPeer     // the property weir.peer
	FactProperty // Text, that a filter of the stream may have set
	// FactVersion: the number that Get answers with the value of the key Text; 0 without one.
	FactVersion
	// FactSecret is as FactField, of what is worth a digest: it costs 0.1 us, and the host keeps
	// nothing from which it could be read.
	FactSecret
	// FactNetwork: the client's address, as far as a filter can see that compares it with some
	// networks: Text, 17 bytes for each, the address in 16, an IPv4 one as ::ffff:a.b.c.d, and how
	// many bits of them count; at most 4096.
	FactNetwork
	// FactValue: a request's field, as far as a filter can see that compares its value, or the
	// elements of a list in it, with some values, in any case: Text is the field's name, in lower
	// case, and behind it the values of printable ASCII, up to 128 bytes each, with a NUL before each
	// one. Requests are alike that have the same one of them, all that have another, and all
	// without the field. One with several fields or a comma, or with a value that is not printable
	// ASCII, is never alike another.
	FactValue
)

// Recall declares, when the filter is configured, that what it does with a request's
// head depends on nothing else than some facts, and on time: see
// Edits.Remember. It takes at most 24. sdk.ErrNotFound says that this host does not
// remember.
func Recall(facts ...Fact) error {
	b := le.AppendUint32(nil, uint32(len(facts)))
	for _, f := range facts {
		b = appendText(le.AppendUint32(b, uint32(f.Source)), f.Text)
	}
	_, err := sdk.Foreign("weir.recall", b)
	return err
}

// Remember says, in OnRequestHeaders and before the head or a property is changed, what
// the callback comes to: the request goes on with these edits. Until a time, in nanoseconds since
// 1970, the host makes them for each request of the same facts, and
// does not call the filter. Made counts those requests. All edits are of the request's head; they may
// set the properties weir.identity and weir.claim.NAME too.
//
// versions are those by which the filter has decided, one for each fact of FactVersion, in
// their order. sdk.ErrCASMismatch says that one of them is not the current one,
// sdk.ErrEmpty that the request cannot be told apart by the facts, or is too long.
func (l *Edits) Remember(until int64, versions ...uint32) error {
	b := le.AppendUint64(l.told[:0], uint64(until))
	for _, v := range versions {
		b = le.AppendUint32(b, v)
	}
	l.told = l.append(b)
	_, err := sdk.Foreign("weir.remember", l.told)
	return err
}
