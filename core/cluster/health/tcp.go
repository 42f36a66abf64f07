package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// tcpProbe asks by a connection of its own each time, in clear.
type tcpProbe struct {
	*Check
	addr   string
	ctx    context.Context
	cancel context.CancelFunc
}

// maxAnswer is how much of an answer is looked through, in bytes.
const maxAnswer = 4 << 10

func newTCPProbe(addr string, c *Check) *tcpProbe {
	p := &tcpProbe{Check: c, addr: addr}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

func (p *tcpProbe) interrupt() { p.cancel() }
func (p *tcpProbe) close()     { p.cancel() }

func (p *tcpProbe) check(by time.Time) error {
	d := net.Dialer{Deadline: by}
	nc, err := d.DialContext(p.ctx, "tcp", p.addr)
	if err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	defer nc.Close()
	defer context.AfterFunc(p.ctx, func() { _ = nc.Close() })()
	if err := nc.SetDeadline(by); err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	if _, err := io.WriteString(nc, p.Send); err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	if p.Expect == "" {
		return nil
	}
	return p.answer(nc)
}

// answer reads until what is expected is there.
func (p *tcpProbe) answer(nc net.Conn) error {
	buf := make([]byte, maxAnswer)
	for n := 0; n < len(buf); {
		k, err := nc.Read(buf[n:])
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
