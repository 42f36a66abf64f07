package route

import "github.com/weirproxy/weir/core/fault"

// refuse is a path that is not taken in: why, for the log.
func refuse(why string) error {
	return &fault.Error{Kind: fault.BadRequest, Op: "normalizing path: " + why}
}

// The errors of paths. Each is made once: a hostile client costs no memory.
var (
	errNoSlash        = refuse("does not begin with a slash")
	errRawByte        = refuse("byte that must be escaped")
	errEscape         = refuse("malformed escape")
	errEscapedControl = refuse("escaped control character")
	errEscapedSlash   = refuse("escaped slash or backslash")
	errBackslash      = refuse("backslash")
	errOverlong       = refuse("overlong UTF-8")
	errDotSegment     = refuse("dot segment")
	errAboveRoot      = refuse("dot segment that leads above the root")
	errDoubleSlash    = refuse("double slash")
)
