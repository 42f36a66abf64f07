package authority

import (
	"net"
	"net/netip"
	"sync"

	"golang.org/x/net/netutil"
)

// The connections open at once: of all, and of one address, which shall not keep the
// others out by being slow.
const (
	mostConnections = 512
	mostOfAddress   = 64
)

// crowd is a listener that takes so many. Those of all wait, those of an address that
// has too many are closed.
type crowd struct {
	net.Listener
	mu sync.Mutex
	by map[string]int // by sourceKey
}

func newCrowd(l net.Listener) *crowd {
	return &crowd{Listener: netutil.LimitListener(l, mostConnections), by: map[string]int{}}
}

// Accept takes a connection.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
		key := string(sourceKey(at.Addr()))
		if c.enter(key) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { c.leave(key) })}, nil
		}
		_ = conn.Close()
	}
}

func (c *crowd) enter(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[key] >= mostOfAddress {
		return false
	}
	c.by[key]++
	return true
}

func (c *crowd) leave(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[key]--; c.by[key] == 0 {
		delete(c.by, key)
	}
}

// counted is a connection of a crowd.
type counted struct {
	net.Conn
	leave func()
}

// Close closes it.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
