package proxy

import (
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
)

// spent is a connection upstream that has done its part. The fields of its response lie
// in its memory, and filters, the log and spans read them up to the stream's end: so long
// nobody else may have it.
type spent struct {
	endpoint *cluster.Endpoint
	conn     *pool.Conn // nil for none
	whole    bool       // it can carry another request
}

// handBack gives the spent connection back, if there is one. The response's head and
// trailers are void from then on.
func (x *exchange) handBack() {
	s := x.spent
	if s.conn == nil {
		return
	}
	x.spent = spent{}
	if s.whole {
		s.endpoint.Put(s.conn)
	} else {
		s.endpoint.Discard(s.conn)
	}
}
