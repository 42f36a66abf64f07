package tcp

import (
	"errors"
	"io"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/proxyheader"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tcp/hello"
)

// previewing is a connection whose first bytes can be looked at.
type previewing interface {
	Preview(p []byte, have int) (int, error)
}

var (
	errNoName  = fault.New(fault.NoRoute, "choosing a cluster: none is for the server name, and the service has no default", nil)
	errUnknown = fault.New(fault.NoRoute, "choosing a cluster: none has the destination that the client meant, and sidecar.unknown lets nothing pass to it that is not HTTP", nil)
)

// choose finds the cluster.
func (c *Conn) choose() error {
	s := c.Service
	if s.Names != nil {
		name, err := c.serverName()
		if err != nil {
			return err
		}
		c.target = s.Names.Find(name)
	}
	if c.target == nil && c.elsewhere() {
		c.target = s.Elsewhere(c.Original)
	}
	if c.target == nil {
		c.target = s.Cluster
	}
	switch {
	case c.target != nil:
	case s.Names != nil:
		return errNoName
	default:
		return errUnknown
	}
	c.info.Cluster = c.target.Name
	return nil
}

// elsewhere says whether the destination that the client meant may decide.
func (c *Conn) elsewhere() bool { return c.Service.Elsewhere != nil && c.Original != "" }

// bare says whether there may be a cluster for what has no server name.
func (c *Conn) bare() bool { return c.Service.Cluster != nil || c.elsewhere() }

// serverName is the name that the client asks for: of TLS that was ended in front,
// or of a ClientHello that is looked at and goes on to the upstream. What is no TLS
// has none, if there is a cluster for what has none.
func (c *Conn) serverName() (string, error) {
	p, ok := c.Client.(previewing)
	if c.TLS != nil || !ok {
		if c.TLS != nil {
			return c.TLS.ServerName, nil
		}
		return "", nil
	}
	c.Client.ArmRead(c.Service.Hello)
	defer c.Client.ArmRead(0)
	b := make([]byte, 1<<10)
	for n := 0; ; {
		var err error
		n, err = p.Preview(b, n)
		switch {
		case err == sock.ErrInterrupted:
			continue
		case err == sock.ErrTimeout && !c.bare():
			return "", fault.New(fault.HeadTimeout, "waiting for a ClientHello", err)
		case err == sock.ErrTimeout, err == io.EOF && n > 0:
			return c.nameless(hello.ErrShort)
		case err != nil:
			return "", fault.New(fault.ClientGone, "waiting for a ClientHello", err)
		}
		name, err := hello.ServerName(b[:n])
		switch {
		case err == nil:
			return name, nil
		case err != hello.ErrShort:
			return c.nameless(err)
		case n == len(b) && n >= hello.Most:
			return c.nameless(errors.New("a ClientHello that is too long"))
		case n == len(b):
			b = make([]byte, min(4*len(b), hello.Most))
			n-- // what does not fit is there already
		}
	}
}

// nameless is what has no ClientHello: it goes to the default cluster, if there is
// one.
func (c *Conn) nameless(err error) (string, error) {
	switch {
	case c.bare():
		return "", nil
	case err == hello.ErrShort:
		return "", fault.New(fault.Truncated, "reading a ClientHello", io.ErrUnexpectedEOF)
	}
	return "", fault.New(fault.BadRequest, "reading a ClientHello", err)
}

// connect opens a connection to an endpoint, to another where one cannot be
// reached.
func (c *Conn) connect() error {
	t := c.target
	c.info.Cluster = t.Name
	t.Enter()
	defer t.Leave()
	for try := 0; ; try++ {
		err := c.attempt()
		t.Metrics.Request()
		if try > 0 {
			t.EndRetry()
			t.Metrics.Retry()
		}
		if err == nil {
			c.pair.Upstream = c.upstream
			return nil
		}
		if k := fault.KindOf(err); k.Side() == fault.Upstream {
			t.Metrics.Failed(k)
		}
		if try >= c.Service.Retries || fault.KindOf(err).Retry() != fault.RetryAlways || !t.TryRetry() {
			return err
		}
	}
}

// attempt connects to one endpoint.
func (c *Conn) attempt() error {
	ep, err := c.target.PickBy(c.hashKey(), c.endpoint)
	if err != nil {
		return err
	}
	c.endpoint, c.info.Upstream = ep, ep.IP
	c.info.Tries++
	header, err := c.header()
	asked := ep.Asked()
	if err == nil {
		c.upstream, err = ep.Dial(header)
	}
	if err != nil {
		ep.Broke(err)
		return err
	}
	ep.Answered(asked)
	c.info.UpstreamLocal, c.info.Secured = c.upstream.Local, c.upstream.Secured
	return nil
}

// hashKey is the connection's key for a cluster whose policy hashes, see
// cluster.Cluster.PickBy.
func (c *Conn) hashKey() uint64 {
	if key := c.info.Wishes.HashKey; key != 0 || c.target.Hash.By != cluster.HashClientIP {
		return key
	}
	return cluster.KeyOf(c.info.Client)
}

// header is the PROXY header that introduces the client, nil for none.
func (c *Conn) header() ([]byte, error) {
	if c.target.Header == 0 {
		return nil, nil
	}
	b, err := proxyheader.Append(nil, c.target.Header, c.Source, c.Destination)
	if err != nil {
		return nil, fault.New(fault.Unknown, "introducing a client", err)
	}
	return b, nil
}
