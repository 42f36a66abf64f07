package sdktest

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// nap is a stream that waits.
type nap struct {
	errand
	due int64
}

// sleep: duration i64, most u32 → call id u32.
func sleep(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	d, most := a.i64(), a.u32()
	s := h.effective
	if a.bad || len(a.b) > 0 || d < 0 || d > int64(time.Hour) || s == nil || s.finished {
		return nil, abi.BadArgument
	}
	asleep := uint32(0)
	for _, n := range h.naps {
		if n.stream == s {
			return nil, abi.BadArgument
		}
		if !n.stream.finished {
			asleep++
		}
	}
	if asleep >= most {
		return nil, abi.InternalFailure
	}
	h.lastErrand++
	h.naps = append(h.naps, nap{errand{s, h.lastErrand, le.AppendUint32(nil, uint32(abi.OK))}, h.now + d})
	return le.AppendUint32(dst, h.lastErrand), abi.OK
}

// wake brings what is due by now to those who waited.
func (h *Host) wake() {
	left := h.naps[:0]
	for _, n := range h.naps {
		if n.due <= h.now {
			h.errands = append(h.errands, n.errand)
		} else {
			left = append(left, n)
		}
	}
	h.naps = left
}
