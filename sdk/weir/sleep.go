package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Sleep has OnForeign be called for the current stream in d, up to an hour: pause,
// and go on then. It answers sdk.ErrInternal where so many streams of the filter
// sleep already.
func Sleep(d time.Duration, most int) error {
	args = le.AppendUint32(le.AppendUint64(args[:0], uint64(d)), uint32(most))
	_, err := sdk.Foreign("weir.async.sleep", args)
	return err
}
