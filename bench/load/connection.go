package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// pause is between two tries to connect, so that a server that is away is not
// stormed.
const pause = 10 * time.Millisecond

// connection sends requests over one connection, and over the next when that
// ends.
func (r *run) connection(ctx context.Context, number int) {
	latency := r.latency.of(number)
	for ctx.Err() == nil && (time.Now().Before(r.end) || !r.begun.Load()) {
		c, err := r.dial(ctx)
		if err != nil {
			if ctx.Err() == nil {
				r.failed(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			continue
		}
		cut := context.AfterFunc(ctx, func() { _ = c.Close() })
		more := r.exchange(ctx, c, latency)
		cut()
		_ = c.Close()
		if !more {
			return
		}
	}
}

func (r *run) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", r.load.Addr)
	if err != nil || r.load.TLS == nil {
		return c, err
	}
	secure := tls.Client(c, r.load.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("connecting to %s: %w", r.load.Addr, err)
	}
	return secure, nil
}

// exchange sends requests until the connection or the load ends. It says whether
// there are more to send.
func (r *run) exchange(ctx context.Context, c net.Conn, latency *shard) (more bool) {
	answers := newReader(c, r.load.Request.Method == "HEAD")
	for {
		from, ok := r.next()
		if !ok {
			return false
		}
		if !r.begun.Load() {
			r.begun.Store(true)
		}
		_, err := c.Write(r.load.Request.bytes)
		var a answer
		if err == nil {
			a, err = answers.next()
		}
		switch {
		case err != nil:
			if ctx.Err() == nil || time.Now().After(r.end) {
				r.failed(fmt.Errorf("asking %s: %w", r.load.Addr, err))
			}
			return true
		case a.status != r.load.Status:
			r.failed(fmt.Errorf("the answer of %s has status %d, want %d", r.load.Addr, a.status, r.load.Status))
		default:
			r.good.Add(1)
			latency.record(time.Since(from))
		}
		if a.last {
			return true
		}
	}
}

// next waits until a request is to be sent, and answers the instant from which
// its latency counts.
func (r *run) next() (from time.Time, ok bool) {
	if r.load.Rate <= 0 {
		from = time.Now()
		return from, !r.over(from)
	}
	if from, ok = <-r.due; ok && r.over(time.Now()) {
		r.leave(from)
		ok = false
	}
	return from, ok
}
