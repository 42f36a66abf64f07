package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/le"
)

// Mirror is a copy of a request, sent to another cluster beside it. Nobody waits
// for it, and its answer is dropped.
type Mirror struct {
	Cluster string        // one that the filter may call
	Host    string        // the copy's; "" for the request's
	MaxBody int           // bytes, 1 MiB at most; 0 for 64 KiB. A longer body is not copied
	Timeout time.Duration // 1m at most; 0 for 5s
}

// Ask has the copy made when the request goes upstream, from a callback of the
// request before that. While the filter is configured it only tells whether it could
// be. sdk.ErrBadArgument says that a value is beyond its bound, or the cluster none that the
// filter may call; sdk.ErrEmpty that the request is a copy itself; sdk.ErrNotFound that the host
// makes none.
func (m *Mirror) Ask() error {
	b := le.AppendUint32(args[:0], uint32(m.MaxBody))
	b = le.AppendUint64(b, uint64(m.Timeout))
	b = le.AppendUint32(b, uint32(len(m.Host)))
	b = append(append(b, m.Host...), m.Cluster...)
	_, err := call("weir.mirror", b, 0)
	return err
}
