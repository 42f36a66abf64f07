package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// errand is a foreign function that runs beside the lane: its answer comes when
// the callbacks that are under way have returned.
type errand struct {
	stream *Stream // who asked; nil: the root
	id     uint32
	answer []byte // status u32, result
}

// beside are the functions that are there beside the lane too, by their names
// behind "weir.async.".
var beside = map[string]function{
	"hash":            digest,
	"hmac":            keyedDigest,
	"regex":           matchRegex,
	"jwt_verify":      verifyToken,
	"password_verify": verifyPassword,
}

// sendErrand runs the function and keeps its answer for later.
func (h *Host) sendErrand(f function, b []byte) ([]byte, abi.Status) {
	result, s := f(h, nil, &args{b: b})
	if s != abi.OK {
		result = nil
	}
	h.lastErrand++
	h.errands = append(h.errands, errand{h.effective, h.lastErrand, append(le.AppendUint32(nil, uint32(s)), result...)})
	return h.arena.keep(le.AppendUint32(nil, h.lastErrand)), abi.OK
}

func asynchronous(name string) function {
	name, ok := strings.CutPrefix(name, "weir.async.")
	if !ok {
		return nil
	}
	return beside[name]
}

// bringErrands brings the answers to those who asked, but for streams that
// have ended.
func (h *Host) bringErrands() {
	for len(h.errands) > 0 {
		e := h.errands[0]
		h.errands = h.errands[1:]
		context := uint32(root)
		if e.stream != nil {
			if e.stream.finished || e.stream.cut {
				continue
			}
			context = e.stream.id
		}
		h.errand = e.answer
		h.callback(e.stream, callAnswer, func() { h.guest.OnForeign(context, e.id, uint32(len(e.answer))) })
		h.errand = nil
		h.settle()
	}
}
