package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// The operations of weir.regex.
const (
	regexMatch   = 0
	regexFind    = 1
	regexReplace = 2
)

// Regex is an RE2 expression. The host compiles it once and keeps it.
type Regex string

// Check says whether the expression compiles and is within the host's bounds.
func (x Regex) Check() error {
	_, err := x.Match(nil)
	return err
}

// Match says whether subject matches. sdk.ErrBadArgument means that the
// expression is malformed, or too costly for a subject of that length.
func (x Regex) Match(subject []byte) (bool, error) {
	v, err := call("weir.regex", x.arguments(regexMatch, "", subject), 4)
	return err == nil && le.Uint32(v) != 0, err
}

// Replace is subject with each match replaced; $1 and ${name} in replacement
// stand for groups.
func (x Regex) Replace(subject []byte, replacement string) ([]byte, error) {
	args = x.arguments(regexReplace, replacement, subject)
	return sdk.Foreign("weir.regex", args)
}

// Find is where the first match and its groups lie in subject, begin and end
// in turn, appended to dst; -1 for a group that took no part. Without a match
// it answers sdk.ErrNotFound, as any other host does always.
func (x Regex) Find(dst []int, subject []byte) ([]int, error) {
	args = x.arguments(regexFind, "", subject)
	v, err := sdk.Foreign("weir.regex", args)
	if err != nil {
		return dst, err
	}
	for ; len(v) >= 4; v = v[4:] {
		dst = append(dst, int(int32(le.Uint32(v))))
	}
	return dst, nil
}

func (x Regex) arguments(operation uint32, replacement string, subject []byte) []byte {
	b := le.AppendUint32(args[:0], operation)
	b = le.AppendUint32(b, uint32(len(x)))
	b = le.AppendUint32(b, uint32(len(replacement)))
	b = append(append(b, x...), replacement...)
	return append(b, subject...)
}
