package sdktest

import (
	"bytes"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// retryPolicy: eight u32, four i64, statuses, key → nothing.
func retryPolicy(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	encoded := a.b
	var words [8]uint32
	for i := range words {
		words[i] = a.u32()
	}
	const minute, day = 60e9, 24 * 3600e9
	perTry, base, longest, after := a.i64(), a.i64(), a.i64(), a.i64()
	a.take(64)
	key := a.rest()
	s := h.effective
	live := h.phase == configuring || s != nil && !s.half[abi.Request].passed
	if a.bad || !live || words[0] > 10 || words[1] > 0xf || words[2] > 0x1ffff || words[3] > 0x3f || words[4] > 1000 || words[5] > 1e6 ||
		words[6]|words[7] != 0 || perTry < 0 || perTry > day || base < 0 || base > longest || longest > minute || after < 0 || after > minute ||
		len(key) > 64 || !bytes.Equal(key, bytes.ToLower(key)) {
		return nil, abi.BadArgument
	}
	if h.phase == configuring {
		h.retry = bytes.Clone(encoded)
	} else {
		s.retry = append(s.retry[:0], encoded...)
	}
	return dst, abi.OK
}

// RetryPolicy is the encoded policy that the filter wants this stream to be tried
// by, empty for none. This host sends nothing again.
func (s *Stream) RetryPolicy() []byte {
	if len(s.retry) > 0 {
		return s.retry
	}
	return s.host.retry
}
