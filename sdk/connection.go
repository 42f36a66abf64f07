package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// A plugin that has one of these methods is a filter of TCP connections too: each
// connection is a [Stream], whose heads, bodies and trailers are not there.

// NewConnectionHandler takes part when a connection has come. Pause keeps it from
// its upstream until [Stream.ContinueDownstream].
type NewConnectionHandler interface {
	OnNewConnection(s *Stream) Action
}

// DownstreamDataHandler sees what the client sends pass by: size bytes are in
// s.Downstream. end says that the client's half ends with them.
type DownstreamDataHandler interface {
	OnDownstreamData(s *Stream, size int, end bool) Action
}

// UpstreamDataHandler sees what the upstream sends, in s.Upstream.
type UpstreamDataHandler interface {
	OnUpstreamData(s *Stream, size int, end bool) Action
}

// Peer says who ended a connection.
type Peer uint32

// The peers. Values are the ABI's.
const (
	Unknown Peer = 0
	Local   Peer = 1 // the proxy
	Remote  Peer = 2
)

// DownstreamCloseHandler is told that the client's connection has ended.
type DownstreamCloseHandler interface {
	OnDownstreamClose(s *Stream, by Peer)
}

// UpstreamCloseHandler is told that the upstream's half has ended.
type UpstreamCloseHandler interface {
	OnUpstreamClose(s *Stream, by Peer)
}

// Downstream is what OnDownstreamData shows, or a Pause of it holds.
func (s *Stream) Downstream() Body { return Body{abi.DownstreamData} }

// Upstream is what OnUpstreamData shows, or a Pause of it holds.
func (s *Stream) Upstream() Body { return Body{abi.UpstreamData} }

// ContinueDownstream ends a pause of a new connection, or of what its client sends.
func (s *Stream) ContinueDownstream() error { return abi.Continue(abi.Downstream).Err() }

// ContinueUpstream ends a pause of what the upstream sends. Envoy cannot: it answers
// [ErrUnimplemented].
func (s *Stream) ContinueUpstream() error { return abi.Continue(abi.Upstream).Err() }

// CloseConnection ends a TCP connection.
func (s *Stream) CloseConnection() error { return abi.CloseStream(abi.Downstream).Err() }

// connectionHandlers are the callbacks of connections that a value has.
type connectionHandlers struct {
	newConnection   NewConnectionHandler
	downstreamData  DownstreamDataHandler
	upstreamData    UpstreamDataHandler
	downstreamClose DownstreamCloseHandler
	upstreamClose   UpstreamCloseHandler
}

func (h *connectionHandlers) find(v any) {
	h.newConnection, _ = v.(NewConnectionHandler)
	h.downstreamData, _ = v.(DownstreamDataHandler)
	h.upstreamData, _ = v.(UpstreamDataHandler)
	h.downstreamClose, _ = v.(DownstreamCloseHandler)
	h.upstreamClose, _ = v.(UpstreamCloseHandler)
}

// bits is their part of the set that weir.phases declares.
func (h *connectionHandlers) bits() uint32 {
	b := uint32(0)
	for i, has := range [...]bool{
		h.newConnection != nil, h.downstreamData != nil, h.upstreamData != nil, h.downstreamClose != nil || h.upstreamClose != nil,
	} {
		if has {
			b |= 1 << (8 + i)
		}
	}
	return b
}

// OnNewConnection is a callback of connections.
func (g *guest) OnNewConnection(id uint32) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.connection.newConnection == nil {
		return uint32(Continue)
	}
	return uint32(s.h.connection.newConnection.OnNewConnection(s))
}

// OnDownstreamData is a callback of connections.
func (g *guest) OnDownstreamData(id, size uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.connection.downstreamData == nil {
		return uint32(Continue)
	}
	return uint32(s.h.connection.downstreamData.OnDownstreamData(s, int(size), end))
}

// OnUpstreamData is a callback of connections.
func (g *guest) OnUpstreamData(id, size uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.connection.upstreamData == nil {
		return uint32(Continue)
	}
	return uint32(s.h.connection.upstreamData.OnUpstreamData(s, int(size), end))
}

// OnDownstreamClose is a callback of connections.
func (g *guest) OnDownstreamClose(id, by uint32) {
	abi.BeginCallback()
	if s := g.stream(id); s != nil && s.h.connection.downstreamClose != nil {
		s.h.connection.downstreamClose.OnDownstreamClose(s, Peer(by))
	}
}

// OnUpstreamClose is a callback of connections.
func (g *guest) OnUpstreamClose(id, by uint32) {
	abi.BeginCallback()
	if s := g.stream(id); s != nil && s.h.connection.upstreamClose != nil {
		s.h.connection.upstreamClose.OnUpstreamClose(s, Peer(by))
	}
}
