package server

import (
	"strings"

	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/stream"
)

// countMesh counts a request between services by the identities of both.
func (s *Server) countMesh(r *proxy.Record, info *stream.Info, status int) {
	if info.Listener != "inbound" && info.Listener != "outbound" {
		return
	}
	p := observe.Pair{Direction: info.Listener, Route: info.Route, Source: peerOf(info.TLS), Destination: peerOf(info.Secured)}
	if p.Source == "" && info.Listener == "outbound" { // the service beside us
		p.Source = ownOf(info.Secured)
	}
	if p.Destination == "" && info.Listener == "inbound" { // likewise
		p.Destination = ownOf(info.TLS)
	}
	if p.Destination == "" {
		p.Destination = info.Cluster
	}
	p.Source, p.Destination = or(p.Source, "none"), or(p.Destination, "none")
	s.metrics.Mesh().Pair(p).Done(status, r.GRPC.Fault(), r.Took)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func peerOf(t *stream.TLSInfo) string {
	if t == nil {
		return ""
	}
	return t.PeerSPIFFE
}

// ownOf is the SPIFFE ID of our certificate on a connection.
func ownOf(t *stream.TLSInfo) string {
	if t == nil || t.Local == nil || !strings.HasPrefix(t.Local.URI(), "spiffe://") {
		return ""
	}
	return t.Local.URI()
}
