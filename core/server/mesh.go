package server

import (
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
		p.Source = s.ownID()
	}
	if p.Destination == "" && info.Listener == "inbound" { // likewise
		p.Destination = s.ownID()
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

// ownID is who we are in the mesh, whatever a connection was, "" where we are nobody.
func (s *Server) ownID() string {
	if s.workload == nil {
		return ""
	}
	own := s.workload.Current()
	if own == nil {
		return ""
	}
	return own.ID.String()
}
