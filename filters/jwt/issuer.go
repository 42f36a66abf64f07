package jwt

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// issuer is who may sign tokens, and what they must claim.
type issuer struct {
	name      string // that "iss" must have; "" for any, of a single issuer
	audiences []string
	allowed   weir.JWTAlgorithms
	required  []requirement
	remote    *remote           // where keys are fetched from; nil: they are given
	verifier  *weir.JWTVerifier // nil while there are no keys
	given     string            // keys, until they are in verifier
	asked     []string          // paths of the claims
}

// requirement is a claim that must be there and, if values are given, have one.
type requirement struct {
	claim  int // index
	values []string
	words  bool // a text is a list of words
}

// ready says whether there are keys. Of fetched ones those count that are there now,
// whichever lane has brought them: a key that its issuer has withdrawn verifies nothing
// any more.
func (is *issuer) ready() bool {
	if is.remote != nil {
		is.refresh()
	}
	return is.verifier != nil
}

// refresh takes keys over that were fetched since, by whichever lane, and
// says whether there are new ones.
func (is *issuer) refresh() bool {
	if now, err := weir.Version(is.remote.keysAt); err != nil || now == is.remote.cas {
		return false
	}
	keys, cas, err := weir.Get(is.remote.keysAt)
	if err != nil {
		return false
	}
	is.remote.cas = cas
	is.verifier = weir.NewJWTVerifier(is.allowed, is.asked, sdk.View(keys))
	return true
}
