package sdk

import (
	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Property is a fact about the stream, the connection or the filter, by the
// segments of its path: Property("source", "address"). ABI.md lists Weir's
// own. The bytes are valid until the callback ends.
func Property(path ...string) (value []byte, ok bool) {
	var v []byte
	var s abi.Status
	if len(path) == 1 {
		v, s = abi.PropertyGet(path[0])
	} else {
		scratch = scratch[:0]
		for i, segment := range path {
			if i > 0 {
				scratch = append(scratch, 0)
			}
			scratch = append(scratch, segment...)
		}
		v, s = abi.PropertyGet(View(scratch))
	}
	return v, s == abi.OK
}

// PropertyInt is a property that is a number, a time (nanoseconds since 1970)
// or a duration (nanoseconds).
func PropertyInt(path ...string) (value int64, ok bool) {
	v, ok := Property(path...)
	if !ok || len(v) != 8 {
		return 0, false
	}
	return int64(le.Uint64(v)), true
}

// SetProperty tells later filters of the stream, and the access log, a fact.
func SetProperty(name, value string) error { return abi.PropertySet(name, value).Err() }
