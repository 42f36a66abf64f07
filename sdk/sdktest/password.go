package sdktest

import (
	"regexp"

	"golang.org/x/crypto/bcrypt"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
	"github.com/weirproxy/weir/sdk/weir"
)

// knownPassword is a right password and its hash.
type knownPassword struct {
	hash     [60]byte
	password [72]byte
	size     int
}

func known(hash, password []byte) (k knownPassword) {
	copy(k.hash[:], hash)
	k.size = copy(k.password[:], password)
	return k
}

// password takes a question apart: hash size u32, hash, password.
func (a *args) password() (hash, password []byte, ok bool) {
	hash = a.take(int(a.u32()))
	password = a.rest()
	return hash, password, !a.bad && bcryptHash.Match(hash) && len(password) <= 72
}

// bcryptHash is a hash of a cost from 4 to 14.
var bcryptHash = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./0-9A-Za-z]{53}$`)

// passwordAtOnce answers from memory.
func passwordAtOnce(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	hash, password, ok := a.password()
	if !ok {
		return nil, abi.BadArgument
	}
	if h.store.passwords[known(hash, password)] {
		return le.AppendUint32(dst, uint32(weir.PasswordRight)), abi.OK
	}
	return le.AppendUint32(dst, uint32(weir.PasswordLater)), abi.OK
}

// verifyPassword does the work.
func verifyPassword(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	hash, password, ok := a.password()
	if !ok {
		return nil, abi.BadArgument
	}
	if bcrypt.CompareHashAndPassword(hash, password) != nil {
		return le.AppendUint32(dst, uint32(weir.PasswordWrong)), abi.OK
	}
	h.store.passwords[known(hash, password)] = true
	return le.AppendUint32(dst, uint32(weir.PasswordRight)), abi.OK
}
