// Package weir has what Weir offers filters beyond the ABI, as Go functions:
// state that outlives a stream and is shared by all lanes, exact rate limits,
// and work that is many times faster in the host than in a guest. ABI.md
// describes the encodings.
//
// On any other host each function answers [sdk.ErrNotFound]: a filter that
// cannot do without should ask [Here] when it is configured, and refuse with a
// clear word.
//
// Bytes that these functions return are valid until the callback ends.
//
// Start at [Limiter], [Get] and [Hash].
package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Here says whether the host is Weir, so that the functions of this package
// can be used.
func Here() bool {
	_, err := Random(1)
	return err == nil
}

// args is where arguments are put together: callbacks do not overlap, and no
// host call keeps what it is given.
var args = make([]byte, 0, 1024)

// call calls a function whose result is size bytes long.
func call(name string, b []byte, size int) ([]byte, error) {
	args = b[:0]
	v, err := sdk.Foreign(name, b)
	if err == nil && len(v) != size {
		return nil, sdk.ErrSerialization
	}
	return v, err
}

// appendRun appends the length of s and its bytes.
func appendRun(b []byte, s []byte) []byte {
	return append(le.AppendUint32(b, uint32(len(s))), s...)
}
