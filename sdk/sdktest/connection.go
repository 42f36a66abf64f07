package sdktest

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Connection is one TCP connection on its way through the filter. Its halves end by
// themselves; nothing comes from the upstream before the filter has let it through.
type Connection struct{ s *Stream }

// Connect begins a connection. properties are facts of it, before those of Options.
func (h *Host) Connect(properties map[string]string) *Connection {
	h.t.Helper()
	s := &Stream{host: h, id: h.newID(), start: h.now, connection: true, req: Request{Properties: properties}}
	h.streams = append(h.streams, s)
	h.callback(nil, idle, func() { h.guest.OnContextCreate(s.id, root) })
	s.admit()
	h.bringErrands()
	return &Connection{s}
}

// admit shows the filter a new connection.
func (s *Stream) admit() {
	request, host := &s.half[abi.Request], s.host
	if host.takes(newConnection) {
		var action uint32
		host.callback(s, newConnection, func() { action = host.guest.OnNewConnection(s.id) })
		if s.answer(abi.Request) {
			return
		}
		if request.held(action) {
			request.pause = headHeld
			return
		}
	}
	request.passHead()
}

// Send sends bytes of the client's. end says that its half ends with them. While the
// filter holds a new connection, none are shown to it.
func (c *Connection) Send(data string, end bool) { c.feed(abi.Request, data, end) }

// Respond sends bytes of the upstream's. end says that its half ends with them. It has
// no effect while the filter holds the new connection.
func (c *Connection) Respond(data string, end bool) {
	if c.Connected() {
		c.feed(abi.Response, data, end)
	}
}

func (c *Connection) feed(d abi.Direction, data string, end bool) {
	if !c.s.half[d].end {
		c.s.feed(d, data, end)
	}
	c.s.host.bringErrands()
}

// upstreamClosed tells of the upstream's end, behind its last bytes.
func (s *Stream) upstreamClosed() {
	if h := s.host; h.takes(connectionClose) {
		h.callback(s, upstreamData, func() { h.guest.OnUpstreamClose(s.id, uint32(sdk.Unknown)) })
	}
}

// Connected says whether the filter has let the connection through to its upstream.
func (c *Connection) Connected() bool { return !c.s.cut && c.s.half[abi.Request].passed }

// Upstream is what has gone to the upstream: Body and End.
func (c *Connection) Upstream() *Message { return c.s.Upstream() }

// Downstream is what has gone to the client: Body and End.
func (c *Connection) Downstream() *Message { return c.s.Downstream() }

// Paused says whether the filter holds the connection, or some of its bytes.
func (c *Connection) Paused() bool { return c.s.Paused() }

// Closed says whether the filter has closed the connection.
func (c *Connection) Closed() bool { return c.s.cut }

// Property is what the filter has set for later filters and the access log.
func (c *Connection) Property(path string) (value string, ok bool) { return c.s.Property(path) }

// Finish ends the connection: by the client, unless the filter has closed it. The
// filter's close, done, log and delete run. What the connection shows stays.
func (c *Connection) Finish() {
	s, h := c.s, c.s.host
	if s.finished {
		return
	}
	s.finished = true
	by := sdk.Remote
	if s.cut {
		by = sdk.Local
	}
	if h.takes(connectionClose) {
		h.callback(s, ending, func() { h.guest.OnDownstreamClose(s.id, uint32(by)) })
	}
	h.callback(s, ending, func() { h.guest.OnDone(s.id) })
	if h.phases&phaseLog != 0 {
		h.callback(s, logging, func() { h.guest.OnLog(s.id) })
	}
	h.callback(s, ending, func() { h.guest.OnDelete(s.id) })
	s.leave()
}
