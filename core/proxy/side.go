package proxy

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/errorpage"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// Side is what one kind of listener does with its requests.
type Side struct {
	Name      string
	Node      string // id of this proxy, for logs and properties
	Table     *route.Table
	Routes    []*Route // by the table's index
	Paths     *route.Normalizer
	Forwarded Forwarding
	Mesh      bool             // its peers are services of ours
	Trace     []Tracing        // of requests that no route is found for
	Reasons   bool             // x-weir-reason on our own error answers
	Errors    *errorpage.Pages // nil: error answers are plain text
	Elsewhere *Elsewhere       // nil where no connection is meant for somebody else

	DrainUnread int64 // bytes of an unread body read off to keep a connection
	Challenge   *Challenge
	Interim     int // 1xx responses of one request
	Pause       time.Duration
	Tunnel      time.Duration
	Gate        *Gate
	Metrics     *observe.Listener
}

// Route is where a request goes, and by what rules.
type Route struct {
	Name     string
	Chain    *chain.Chain
	Cluster  *cluster.Cluster // nil where Split decides
	Split    *Split
	Timeout  time.Duration // of the whole response, 0 for none
	PerTry   time.Duration // of one attempt, connecting included, to the response's head; 0 for none
	Idle     time.Duration // without a byte in either direction
	Priority stream.Priority
	Retries  Retries
	MaxBody  int64 // bytes of a request's body, 0 for no bound
	Upgrades []string
	GRPCWeb  bool         // calls of gRPC-Web go on as gRPC
	Metadata stream.Table // for filters, by subject
	Trace    []Tracing    // the first that sees a stream counts
	Metrics  *observe.Route
}

// Retries say how often and when a request is sent again.
type Retries struct {
	Max      int // beside the first attempt
	Buffer   int // bytes of a request's body kept for them
	OnStatus []int
	OnGRPC   grpc.Set      // statuses of calls that were answered by a head alone
	BackOff  time.Duration // before the second, doubled after
}

// upgradable says whether a request may ask for protocol.
func (r *Route) upgradable(protocol []byte) bool {
	for _, u := range r.Upgrades {
		if stream.EqualFold(protocol, u) {
			return true
		}
	}
	return false
}
