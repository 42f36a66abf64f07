package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Get is the value of key and its compare-and-swap number. A key that is not
// there, or has expired, answers sdk.ErrNotFound.
func Get(key string) (value []byte, cas uint32, err error) {
	args = append(args[:0], key...)
	v, err := sdk.Foreign("weir.kv_get", args)
	if err != nil {
		return nil, 0, err
	}
	if len(v) < 4 {
		return nil, 0, sdk.ErrSerialization
	}
	return v[4:], le.Uint32(v), nil
}

// Version is the compare-and-swap number of key's value, without the value. It changes
// with each Set and Increment, and never is what it was before.
func Version(key string) (cas uint32, err error) {
	v, err := call("weir.kv_version", append(args[:0], key...), 4)
	if err != nil {
		return 0, err
	}
	return le.Uint32(v), nil
}

// Set gives key a value for ttl, 0 meaning for good, and answers its new
// compare-and-swap number. With a cas other than 0 it answers
// sdk.ErrCASMismatch if the value has changed since; sdk.ErrInternal says that
// there is no room.
func Set(key string, value []byte, ttl time.Duration, cas uint32) (next uint32, err error) {
	b := le.AppendUint64(args[:0], uint64(ttl))
	b = le.AppendUint32(b, cas)
	b = le.AppendUint32(b, uint32(len(key)))
	b = append(append(b, key...), value...)
	v, err := call("weir.kv_set", b, 4)
	if err != nil {
		return 0, err
	}
	return le.Uint32(v), nil
}

// Delete removes key; cas is as in Set.
func Delete(key string, cas uint32) error {
	_, err := call("weir.kv_delete", append(le.AppendUint32(args[:0], cas), key...), 0)
	return err
}

// Increment adds delta to the counter of key in one step and answers the sum.
// A counter that is not there begins at 0 and lives for ttl, 0 meaning for good.
func Increment(key string, delta int64, ttl time.Duration) (sum int64, err error) {
	b := le.AppendUint64(args[:0], uint64(delta))
	b = le.AppendUint64(b, uint64(ttl))
	v, err := call("weir.kv_increment", append(b, key...), 8)
	if err != nil {
		return 0, err
	}
	return int64(le.Uint64(v)), nil
}
