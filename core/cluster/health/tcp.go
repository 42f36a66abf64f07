package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tlssock"
)

// tcpProbe asks by a connection of its own each time, by TLS where the cluster's
// endpoints are spoken to so.
type tcpProbe struct {
	*Check
	addr   string
	tls    *identity.Endpoint // nil: in clear
	reaper *sock.Reaper
	ctx    context.Context
	cancel context.CancelFunc
}

// maxAnswer is how much of an answer is looked through, in bytes.
const maxAnswer = 4 << 10

func newTCPProbe(addr string, c *Check, o *pool.Options) *tcpProbe {
	p := &tcpProbe{Check: c, addr: addr, reaper: o.Reaper}
	if o.TLS != nil {
		p.tls = o.TLS.To(addr)
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

func (p *tcpProbe) interrupt() { p.cancel() }
func (p *tcpProbe) close()     { p.cancel() }

func (p *tcpProbe) check(by time.Time) error {
	d := sock.Dialer(net.Dialer{Deadline: by})
	nc, err := d.DialContext(p.ctx, "tcp", p.addr)
	if err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	defer nc.Close()
	defer context.AfterFunc(p.ctx, func() { _ = nc.Close() })()
	if p.tls != nil {
		return p.secured(nc.(*net.TCPConn), by)
	}
	if err := nc.SetDeadline(by); err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	return p.talk(nc)
}

// secured does the handshake first.
func (p *tcpProbe) secured(nc *net.TCPConn, by time.Time) error {
	c, err := sock.New(nc, p.reaper)
	if err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	t, _, err := p.tls.Connect(c, left(by))
	if err != nil {
		_ = c.Close()
		return fmt.Errorf("checking health: securing the connection: %w", err)
	}
	defer t.Close()
	t.ArmRead(left(by))
	t.ArmWrite(left(by))
	return p.talk(overTLS{t})
}

// overTLS is a connection whose bounds are set.
type overTLS struct{ *tlssock.Conn }

func (t overTLS) Write(p []byte) (int, error) { return len(p), t.WriteVec(p, nil, nil) }

// talk says what is to be said, and looks for what is expected.
func (p *tcpProbe) talk(c io.ReadWriter) error {
	if p.Send != "" {
		if _, err := io.WriteString(c, p.Send); err != nil {
			return fmt.Errorf("checking health: %w", err)
		}
	}
	if p.Expect == "" {
		return nil
	}
	return p.answer(c)
}

// answer reads until what is expected is there.
func (p *tcpProbe) answer(c io.Reader) error {
	buf := make([]byte, maxAnswer)
	for n := 0; n < len(buf); {
		k, err := c.Read(buf[n:])
		n += k
		switch {
		case bytes.Contains(buf[:n], []byte(p.Expect)):
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("checking health: the answer ended after %d bytes without %q", n, p.Expect)
		case err != nil:
			return fmt.Errorf("checking health: waiting for %q: %w", p.Expect, err)
		}
	}
	return fmt.Errorf("checking health: no %q in the first %d bytes of the answer", p.Expect, len(buf))
}
