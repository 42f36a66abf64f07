package listener

import (
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/tcp"
)

// tcpCarrier carries the bytes of a connection of a TCP service.
type tcpCarrier struct {
	*tcp.Conn
	listener *Listener
	service  string
}

func newTCP(l *Listener, c *connection, t http1.Transport, service string) *tcpCarrier {
	return &tcpCarrier{&tcp.Conn{Client: t, ID: c.id, TLS: c.tls, Source: c.source, Destination: c.destination, Original: c.meant}, l, service}
}

func (k *tcpCarrier) serve() (next carrier) {
	k.listener.opt.Proxy.ServeTCP(k.service, k.Conn)
	return nil
}

func (k *tcpCarrier) idle() bool      { return false }
func (k *tcpCarrier) sweep(now int64) { k.Sweep(now) }
func (k *tcpCarrier) retire()         {} // nobody can tell its peers: it has until the end of the drain
func (k *tcpCarrier) release()        {}
