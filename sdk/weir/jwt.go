package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// JWTAlgorithms is a set of signature algorithms (RFC 7518, section 3.1; RFC
// 8037).
type JWTAlgorithms uint32

// The algorithms.
const (
	RS256 JWTAlgorithms = 1 << iota
	RS384
	RS512
	PS256
	PS384
	PS512
	ES256
	ES384
	ES512
	EdDSA
	HS256
	HS384
	HS512
)

// JWTVerdict is what the host found of a token.
type JWTVerdict uint32

// The verdicts.
const (
	JWTValid        JWTVerdict = iota // its signature is; whether it is in time is for the filter to say
	JWTMalformed                      // no token, or one whose payload is no object
	JWTNotAllowed                     // another algorithm
	JWTNoKey                          // no key of that id, or none that fits the algorithm
	JWTBadSignature                   //
	JWTLater                          // not without time: ask VerifyLater
)

// JWTVerifier asks the host about tokens: with the same algorithms, claims and
// keys each time.
type JWTVerifier struct {
	args  []byte // what comes before the token
	token int
}

// NewJWTVerifier makes one. claims are those that an answer has, in that order:
// names, or the segments of a path parted by NUL. keys is a JSON Web Key Set,
// one JSON Web Key, or a public key in PEM.
func NewJWTVerifier(allowed JWTAlgorithms, claims []string, keys string) *JWTVerifier {
	b := le.AppendUint32(nil, uint32(allowed))
	b = le.AppendUint32(b, uint32(len(claims)))
	for _, c := range claims {
		b = appendText(b, c)
	}
	b = appendText(b, keys)
	return &JWTVerifier{b, len(b)}
}

// Ready says whether the host can use the keys: sdk.ErrBadArgument if it
// cannot read them at all, sdk.ErrNotFound if none is for an allowed algorithm,
// or on any other host.
func (v *JWTVerifier) Ready() error {
	verdict, _, err := v.Verify(nil)
	if err == nil && verdict == JWTNoKey {
		return sdk.ErrNotFound
	}
	return err
}

// Verify answers at once: about a token that was found valid before, or where
// only secrets (HS256 and its like) are allowed. Otherwise it answers JWTLater.
// sdk.ErrBadArgument says that the keys cannot be read.
func (v *JWTVerifier) Verify(token []byte) (JWTVerdict, JWTClaims, error) {
	v.args = append(v.args[:v.token], token...)
	b, err := sdk.Foreign("weir.jwt_verify", v.args)
	if err != nil {
		return 0, JWTClaims{}, err
	}
	return readJWT(b)
}

// VerifyLater has the host verify the token beside the lane: the filter pauses,
// and the answer comes to its OnForeign with the function that is answered
// here, for ReadJWT.
func (v *JWTVerifier) VerifyLater(token []byte) (function uint32, err error) {
	v.args = append(v.args[:v.token], token...)
	// Not by call, which would make our arguments those of all functions.
	b, err := sdk.Foreign("weir.async.jwt_verify", v.args)
	if err != nil {
		return 0, err
	}
	if len(b) != 4 {
		return 0, sdk.ErrSerialization
	}
	return le.Uint32(b), nil
}

// ReadJWT reads what OnForeign gets.
func ReadJWT(answer []byte) (JWTVerdict, JWTClaims, error) {
	if len(answer) < 4 {
		return 0, JWTClaims{}, sdk.ErrSerialization
	}
	if s := le.Uint32(answer); s != 0 {
		return 0, JWTClaims{}, sdk.ErrBadArgument
	}
	return readJWT(answer[4:])
}

func readJWT(b []byte) (JWTVerdict, JWTClaims, error) {
	if len(b) < 4 {
		return 0, JWTClaims{}, sdk.ErrSerialization
	}
	return JWTVerdict(le.Uint32(b)), JWTClaims{b[4:]}, nil
}

// JWTClaims are the claims of a valid token, in the order in which they were asked
// for. They are valid until the callback ends.
type JWTClaims struct{ rest []byte }

// JWTKind is what a claim is.
type JWTKind uint32

// The kinds.
const (
	JWTAbsent JWTKind = iota
	JWTText           // decoded
	JWTNumber         // as it stands
	JWTBool           // true or false
	JWTJSON           // an object, a list or null, as it stands
)

// Next takes the next claim. Beyond the last it is absent.
func (c *JWTClaims) Next() (kind JWTKind, value []byte) {
	if len(c.rest) < 8 {
		return JWTAbsent, nil
	}
	kind, n := JWTKind(le.Uint32(c.rest)), le.Uint32(c.rest[4:])
	if n > uint32(len(c.rest)-8) {
		return JWTAbsent, nil
	}
	value, c.rest = c.rest[8:8+n], c.rest[8+n:]
	return kind, value
}
