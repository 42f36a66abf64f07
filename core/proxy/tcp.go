package proxy

import (
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/tcp"
)

// ServeTCP carries a connection of a TCP service, by the current snapshot, which it
// holds until the connection's end. One that came just as its service was removed
// is not carried.
func (p *Proxy) ServeTCP(service string, c *tcp.Conn) {
	snap := p.current.acquire()
	defer snap.release()
	if p.overload.Level() >= overload.Shed {
		return
	}
	if c.Service = snap.TCP.Services[service]; c.Service == nil {
		return
	}
	c.Options = tcp.Options{Log: p.log, Reaper: p.reaper, Cluster: snap.TCP.Target}
	c.Record, _ = p.record.(tcp.Recorder)
	c.Serve()
}
