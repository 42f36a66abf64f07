package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Recall declares, when the filter is configured, that what it does with a request's
// head depends on nothing else than some fields, named in lower case, and on time: see
// Edits.Remember. It takes at most 8. sdk.ErrNotFound says that this host does not
// remember.
func Recall(fields ...string) error {
	b := le.AppendUint32(nil, uint32(len(fields)))
	for _, name := range fields {
		b = appendText(b, name)
	}
	_, err := sdk.Foreign("weir.recall", b)
	return err
}

// Remember says, in OnRequestHeaders and before the head is changed, what the callback
// comes to: the request goes on with these edits. Until a time, in nanoseconds since
// 1970, the host makes them for each request that has the same fields, each once, and
// does not call the filter. Made counts those requests. All edits are of the request's head; they may
// set the properties weir.identity and weir.claim.NAME too. sdk.ErrEmpty says that the request has not
// each field exactly once, or too much in them.
func (l *Edits) Remember(until int64) error {
	_, err := sdk.Foreign("weir.remember", append(le.AppendUint64(nil, uint64(until)), l.encoded()...))
	return err
}
