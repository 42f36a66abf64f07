package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Digest is a hash algorithm.
type Digest uint32

// The digests. Values are the functions'.
const (
	SHA256   Digest = 1
	SHA384   Digest = 2
	SHA512   Digest = 3
	XXHash64 Digest = 4 // fast and not for secrets; not for HMAC
)

// Hash is the digest of data, of at most 16 KiB.
func Hash(d Digest, data []byte) ([]byte, error) {
	args = append(le.AppendUint32(args[:0], uint32(d)), data...)
	return sdk.Foreign("weir.hash", args)
}

// HMAC is the keyed digest of data. Key and data are at most 16 KiB together.
func HMAC(d Digest, key, data []byte) ([]byte, error) {
	args = append(appendRun(le.AppendUint32(args[:0], uint32(d)), key), data...)
	return sdk.Foreign("weir.hmac", args)
}

// Random is n random bytes, fit for keys; at most 4096.
func Random(n int) ([]byte, error) {
	return call("weir.random", le.AppendUint32(args[:0], uint32(n)), n)
}

// Equal compares secrets in a time that does not tell where they differ.
func Equal(a, b []byte) (bool, error) {
	v, err := call("weir.constant_time_equal", append(appendRun(args[:0], a), b...), 4)
	return err == nil && le.Uint32(v) != 0, err
}
