package handshakes

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// clients is how many handshakes are under way at once.
const clients = 16

// load does full handshakes of TLS 1.3 by X25519 for a while, and answers how
// many. Each has a connection of its own, which is closed right behind it.
func load(ctx context.Context, addr string, d time.Duration) (int64, error) {
	cfg := &tls.Config{
		InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519},
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done atomic.Int64
	var all sync.WaitGroup
	until := time.Now().Add(d)
	for range clients {
		all.Go(func() {
			for ctx.Err() == nil && time.Now().Before(until) {
				if err := handshake(addr, cfg); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load(), context.Cause(ctx)
}

// handshake does one.
func handshake(addr string, cfg *tls.Config) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	c := tls.Client(nc, cfg)
	if err := c.Handshake(); err != nil {
		return err
	}
	if s := c.ConnectionState(); s.DidResume || s.CurveID != tls.X25519 {
		return fmt.Errorf("the handshake was not a full one by X25519: resumed %v, curve %v", s.DidResume, s.CurveID)
	}
	// A reset, so that ports are free again at once.
	return nc.(*net.TCPConn).SetLinger(0)
}
