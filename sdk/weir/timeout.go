package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// SetTimeout bounds how long the current stream may take from now on. It only ever
// shortens. field is the name of a request field in which each try tells the
// upstream, in milliseconds, what is left; empty for none.
func SetTimeout(d time.Duration, field string) error {
	args = le.AppendUint64(args[:0], uint64(d))
	if err := sdk.SetProperty("weir.timeout", sdk.View(args)); err != nil {
		return err
	}
	return sdk.SetProperty("weir.timeout_field", field)
}
