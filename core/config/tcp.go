package config

import (
	"fmt"
	"slices"
)

// TCP is a service whose connections carry bytes, whatever they mean.
type TCP struct {
	// Name in logs, metrics and properties, unique. Default "tcp-" and its number.
	Name string `toml:"name" check:"is=name"`
	// Where it applies: "gateway", "inbound", "outbound". Default: all sides of the role.
	On []Side `toml:"on" check:"oneof=gateway|inbound|outbound"`
	// Addresses clients connect to, "host:port" or ":port". Default none: then
	// sidecar.inbound_tcp or outbound_tcp names the service.
	Listen []string `toml:"listen" check:"is=listen"`
	// Filters of connections, in the order bytes from the client pass them. Default none.
	Filters []string `toml:"filters"`
	// Name of the cluster connections go to. With sni: those that none of it
	// matches; default none, they are closed.
	Cluster string `toml:"cluster"`
	// Clusters by the server name that a TLS client asks for; TLS is not ended here.
	SNI []ServerNames `toml:"sni"`
	// Other endpoints that are tried when one cannot be connected to, 0 for none. Default 1.
	Retries int `toml:"retries" check:"min=0,max=10"`
	// Longest time without a byte in either direction, or "off". Default "1h".
	Idle Duration `toml:"idle" check:"min=10ms,max=168h,off"`
	// Longest life of a connection, or "off". Default "off".
	MaxAge Duration `toml:"max_age" check:"min=10ms,max=8760h,off"`
}

// ServerNames says where TLS connections for some server names go.
type ServerNames struct {
	// Hosts without port, "a.example", "*.example" (any depth) or "*" (any name).
	Hosts []string `toml:"hosts" check:"is=host"`
	// Name of a cluster.
	Cluster string `toml:"cluster"`
}

func (t *TCP) preset(Side) {
	t.Retries = 1
	t.Idle = 60 * minute
	t.MaxAge = Off
}

func (t *TCP) complete(c *Config, i int) {
	if t.Name == "" {
		t.Name = fmt.Sprintf("tcp-%d", i+1)
	}
	if t.On == nil {
		t.On = c.Role.Sides()
	}
}

// Side is the first of the role's sides that the service applies on: its limits
// and timeouts hold. ok is false where it applies on none.
func (t *TCP) Side(r Role) (s Side, ok bool) {
	for _, s := range r.Sides() {
		if slices.Contains(t.On, s) {
			return s, true
		}
	}
	return "", false
}

// TCPServices are those that apply on a side of the role.
func (c *Config) TCPServices() []TCP {
	var all []TCP
	for _, t := range c.TCP {
		if _, ok := t.Side(c.Role); ok {
			all = append(all, t)
		}
	}
	return all
}

// UnknownTo names the TCP service that takes what is not HTTP on a side, "" for none.
func (c *Config) UnknownTo(s Side) string {
	switch s {
	case SideInbound:
		return c.Sidecar.InboundTCP
	case SideOutbound:
		return c.Sidecar.OutboundTCP
	}
	return ""
}
