package stream

import (
	"net/netip"
	"time"
)

// Flags say what went wrong with a stream, for logs and the response.flags
// attribute. The bits are Envoy's, so that filters read what they know.
type Flags uint64

// The flags, named as access logs print them.
const (
	FlagNoHealthyUpstream     Flags = 0x2       // UH
	FlagUpstreamTimeout       Flags = 0x4       // UT
	FlagLocalReset            Flags = 0x8       // LR
	FlagUpstreamReset         Flags = 0x10      // UR
	FlagUpstreamConnect       Flags = 0x20      // UF
	FlagUpstreamTermination   Flags = 0x40      // UC
	FlagUpstreamOverflow      Flags = 0x80      // UO
	FlagNoRoute               Flags = 0x100     // NR
	FlagRateLimited           Flags = 0x800     // RL
	FlagDownstreamTermination Flags = 0x4000    // DC
	FlagStreamIdleTimeout     Flags = 0x10000   // SI
	FlagDownstreamProtocol    Flags = 0x40000   // DPE
	FlagUpstreamProtocol      Flags = 0x2000000 // UPE
	FlagFilterFailed          Flags = 1 << 40   // FF, ours: a filter trapped or ran out of its budget
)

// Info is what is known about a stream beside its messages. Its strings are
// the snapshot's or the connection's: reading them costs nothing.
type Info struct {
	ID    uint64 // of the stream, unique in the process
	Conn  uint64 // of the downstream connection
	Start time.Time

	Source      netip.AddrPort // the peer
	Destination netip.AddrPort // our side of the connection
	Client      netip.Addr     // the client by the trust settings; Source's address without any
	Version     Version        // downstream protocol
	TLS         *TLSInfo       // nil in clear

	Listener string // "gateway", "inbound", "outbound"
	Node     string // id of this proxy, from the configuration
	Route    string
	Cluster  string

	RouteMetadata   Table // by subject
	ClusterMetadata Table // likewise
	Endpoints       int   // that the cluster has

	Upstream      netip.AddrPort // invalid until an endpoint is chosen
	UpstreamLocal netip.AddrPort // our side of the connection to it, invalid until there is one
	Secured       *TLSInfo       // of the connection to it, nil in clear

	RequestBytes  int64 // body bytes received
	ResponseBytes int64 // body bytes sent
	RequestHead   int   // bytes of the received head
	Tries         int   // upstream attempts
	UpstreamTime  time.Duration

	Wishes   Wishes   // of filters
	Priority Priority // when there are too many requests

	Trace  TraceContext // of the stream, where it is traced
	Filter string       // that answered the stream or failed it, "" for none

	PeerClosed bool // of a TCP connection at its end: the client ended it, not we

	Flags   Flags
	Details string // Envoy's response.code_details: "via_upstream", or who answered
}
