package fault

import "github.com/weirproxy/weir/core/failure"

// Failure is what a kind says of the upstream, nothing for a kind that is not its
// fault: an endpoint was not asked, a client went away or gave its request too
// little time, a filter failed.
func (k Kind) Failure() failure.Faults {
	switch k {
	case Connect, ConnectTimeout, UpstreamTLS, UpstreamUntrusted:
		return failure.Connect
	case UpstreamTimeout, PerTryTimeout:
		return failure.Timeout
	case StaleConn, UpstreamReset:
		return failure.Reset
	case UpstreamProtocol, UpstreamHeadTooLarge:
		return failure.Protocol
	}
	return 0
}
