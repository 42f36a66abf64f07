package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// PasswordVerdict is what the host found of a password.
type PasswordVerdict uint32

// The verdicts.
const (
	PasswordWrong PasswordVerdict = iota
	PasswordRight
	PasswordLater // not without time: ask VerifyPasswordLater
)

// VerifyPassword answers at once: PasswordRight for a password that was right
// before, else PasswordLater. hash is of bcrypt, of a cost of at most 14; the
// password has at most 72 bytes. sdk.ErrBadArgument says that one is not so.
func VerifyPassword(hash, password []byte) (PasswordVerdict, error) {
	v, err := call("weir.password_verify", append(appendRun(args[:0], hash), password...), 4)
	if err != nil {
		return 0, err
	}
	return PasswordVerdict(le.Uint32(v)), nil
}

// VerifyPasswordLater has the host check the password beside the lane: the
// filter pauses, and the answer comes to its OnForeign with the function that is
// answered here, for ReadPassword.
func VerifyPasswordLater(hash, password []byte) (function uint32, err error) {
	v, err := call("weir.async.password_verify", append(appendRun(args[:0], hash), password...), 4)
	if err != nil {
		return 0, err
	}
	return le.Uint32(v), nil
}

// ReadPassword reads what OnForeign gets. sdk.ErrInternal says that too many
// passwords wait to be checked.
func ReadPassword(answer []byte) (PasswordVerdict, error) {
	if len(answer) < 4 {
		return 0, sdk.ErrSerialization
	}
	switch s := le.Uint32(answer); {
	case s == 10:
		return 0, sdk.ErrInternal
	case s != 0:
		return 0, sdk.ErrBadArgument
	case len(answer) != 8:
		return 0, sdk.ErrSerialization
	}
	return PasswordVerdict(le.Uint32(answer[4:])), nil
}
