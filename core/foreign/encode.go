package foreign

import "github.com/weirproxy/weir/core/coding"

// encodeFunctions put bodies into content codings while they stream. The work is
// the host's, piece by piece, without a callback and without the lane; a guest
// that wants other bytes compressed has compress.
var encodeFunctions = []Function{{Name: "weir.encode", Run: encode}}

// encode takes a coding and a level.
func encode(c Call, dst, b []byte) ([]byte, int64, Status) {
	const cost = 1_000 // ns; what the body costs is counted when it has passed
	a := args{b: b}
	kind, level := a.u32(), a.u32()
	if a.bad || len(a.b) > 0 || kind > uint32(coding.Zstd) || level > coding.Smallest || !coding.Valid(coding.Coding(kind), int(level)) {
		return dst, refusal, BadArgument
	}
	return dst, cost, c.Encode(coding.Coding(kind), int(level))
}
