package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// The errors of host calls. Compare with ==.
var (
	ErrNotFound      error = abi.NotFound
	ErrBadArgument   error = abi.BadArgument // also: not writable in this phase
	ErrSerialization error = abi.Serialization
	ErrEmpty         error = abi.Empty
	ErrCASMismatch   error = abi.CASMismatch
	ErrInternal      error = abi.InternalFailure
	ErrUnimplemented error = abi.Unimplemented
)

// textError is an error of a constant text, without package fmt.
type textError string

func (e textError) Error() string { return string(e) }

// quote is enough of strconv.Quote for names in messages.
func quote(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else if c < ' ' || c == 0x7f {
			b = append(b, '?')
		} else {
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}
