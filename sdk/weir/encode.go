package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Coding is a content coding (RFC 9110, section 8.4.1).
type Coding uint32

// The codings.
const (
	Gzip Coding = iota + 1
	Brotli
	Zstd
)

// Encode has the host put the body of the response into a coding, while it
// streams by: to be called in OnResponseHeaders. level is 1 (fastest) to 9
// (smallest). The host makes the head tell of it; Vary is the filter's.
//
// It answers sdk.ErrNotFound where the host does not know codings,
// sdk.ErrBadArgument where there is no body, or only part of one, and
// sdk.ErrInternal where too many bodies are being encoded. The response is untouched
// then.
func Encode(c Coding, level int) error {
	args = le.AppendUint32(le.AppendUint32(args[:0], uint32(c)), uint32(level))
	_, err := sdk.Foreign("weir.encode", args)
	return err
}
