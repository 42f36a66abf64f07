package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// declareTrace: version, flags, parent u32, share u64, rate, read, write u32, field,
// name, tags. Nothing is traced here: what could not be is refused.
func declareTrace(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if h.phase != configuring || h.traces {
		return nil, abi.BadArgument
	}
	if len(a.b) > 8<<10 {
		return nil, abi.InternalFailure
	}
	version, flags, parent := a.u32(), a.u32(), a.u32()
	share := uint64(a.i64())
	_, read, write := a.u32(), a.u32(), a.u32()
	field := a.text()
	a.parts()
	n := a.u32()
	for i := uint32(0); i < n && i < 32 && !a.bad; i++ {
		key := a.text()
		a.bad = a.bad || !visible(key) || key == "" || len(key) > 128
		a.parts()
	}
	if a.bad || len(a.b) > 0 || n > 32 || version != 1 || flags > 3 || parent > 2 || share > 1<<56 || (read|write) > 7 || write == 0 ||
		field != "" && (!validName(field) || field != strings.ToLower(field)) {
		return nil, abi.BadArgument
	}
	h.traces = true
	return dst, abi.OK
}
