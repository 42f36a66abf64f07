package trial

import (
	"net/netip"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
)

// reply finds the answer to a call.
func (t *try) reply(c *rig.Call) *rig.Reply {
	for i := range t.c.replies {
		r := &t.c.replies[i]
		if r.Cluster != c.Cluster || r.Times > 0 && t.used[i] >= r.Times {
			continue
		}
		var m matcher
		m.message("", &r.Match, seenCall(c))
		if len(m.found) == 0 {
			t.used[i]++
			reply, err := r.reply()
			if err != nil {
				t.add(t.c.key, "", "", err.Error())
			}
			return reply
		}
	}
	return nil
}

func (t *responseTable) orDefault() *responseTable {
	if t == nil {
		return new(responseTable)
	}
	return t
}

func (t *factsTable) orDefault() *factsTable {
	if t == nil {
		return new(factsTable)
	}
	return t
}

func (t *factsTable) facts() rig.Facts {
	f := rig.Facts{
		Source: or(t.Source.AddrPort, sourceAddress), Destination: or(t.Destination.AddrPort, destinationAddress),
		Upstream: t.Upstream.AddrPort, Client: t.Client.Addr,
		Listener: or(t.Listener, "gateway"), Route: or(t.Route, "test"), Cluster: or(t.Cluster, "test"),
		Properties: t.Properties, RouteMetadata: tableOf(t.RouteMetadata), ClusterMetadata: tableOf(t.ClusterMetadata),
	}
	if t.SNI != "" || t.TLSVersion != "" || t.Peer != "" {
		f.TLS = &stream.TLSInfo{Version: or(t.TLSVersion, "TLSv1.3"), ServerName: t.SNI, PeerSPIFFE: t.Peer}
	}
	return f
}

// tableOf is metadata as filters read it.
func tableOf(m map[string]config.Metadata) stream.Table {
	all := make(map[string]any, len(m))
	for subject, t := range m {
		all[subject] = map[string]any(t)
	}
	return stream.NewTable(all)
}

// The addresses of streams that have no others: of documentation (RFC 5737).
var (
	sourceAddress      = netip.MustParseAddrPort("192.0.2.1:40000")
	destinationAddress = netip.MustParseAddrPort("192.0.2.2:8080")
)
