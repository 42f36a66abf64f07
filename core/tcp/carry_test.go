package tcp_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestCarries carries much both ways at once, whole.
func TestCarries(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, service([]string{up.Addr}, ""))
	c := coretest.Dial(t, p.Addr("db"))
	const size = 32 << 20
	sum := make(chan []byte)
	go func() {
		h := sha256.New()
		if n, err := io.Copy(h, c.R); n != size || err != nil {
			t.Errorf("%d bytes came back (%v), want %d", n, err, size)
		}
		sum <- h.Sum(nil)
	}()
	h := sha256.New()
	source := rand.NewChaCha8([32]byte{1})
	if _, err := io.CopyN(io.MultiWriter(c, h), source, size); err != nil {
		t.Fatal(err)
	}
	c.HalfClose()
	if !bytes.Equal(<-sum, h.Sum(nil)) {
		t.Error("what came back is not what was sent")
	}
	coretest.Eventually(t, "it is counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="end",service="db"}`) == 1
	})
	for _, direction := range []string{"sent", "received"} {
		if n := p.Metric(`weir_tcp_bytes_total{direction="` + direction + `",service="db"}`); n != size {
			t.Errorf("%v bytes %s, want %d", n, direction, size)
		}
	}
}

// TestHalfClose: each side may end its half and still be told things.
func TestHalfClose(t *testing.T) {
	thanked := make(chan bool)
	up := coretest.Script(t,
		func(c *coretest.Peer) { // the client ends first
			if got, _ := all(c.Conn); got != "question" {
				t.Errorf("the upstream got %q", got)
			}
			c.Say("answer")
		},
		func(c *coretest.Peer) { // the upstream ends first
			c.Say("greeting")
			_ = c.Conn.(*net.TCPConn).CloseWrite()
			if got, failed := all(c.Conn); got != "thanks" || failed {
				t.Errorf("the upstream got %q, failed %v", got, failed)
			}
			close(thanked)
		})
	p := coretest.Proxy(t, service([]string{up.Addr}, ""))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("question")
	c.HalfClose()
	if got, failed := all(c.R); got != "answer" || failed {
		t.Errorf("the client got %q, failed %v", got, failed)
	}
	c = coretest.Dial(t, p.Addr("db"))
	if got, failed := all(c.R); got != "greeting" || failed {
		t.Errorf("the client got %q, failed %v", got, failed)
	}
	c.Send("thanks")
	c.HalfClose()
	<-thanked
}

// TestResets: what ends in a failure on one side does so on the other.
func TestResets(t *testing.T) {
	seen := make(chan bool, 1)
	up := coretest.Script(t,
		func(c *coretest.Peer) { c.Body(3); c.Reset() },
		func(c *coretest.Peer) {
			c.Say("hi")
			_, failed := all(c.Conn)
			seen <- failed
		})
	p := coretest.Proxy(t, service([]string{up.Addr}, ""))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("abc")
	if got, failed := all(c.R); got != "" || !failed {
		t.Errorf("the client got %q, failed %v", got, failed)
	}
	c = coretest.Dial(t, p.Addr("db"))
	exact(t, c.R, "hi")
	c.Reset()
	if !<-seen {
		t.Error("the upstream took a reset for an orderly end")
	}
	coretest.Eventually(t, "both are counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="upstream_reset",service="db"}`) == 1 &&
			p.Metric(`weir_tcp_connections_total{reason="client_gone",service="db"}`) == 1
	})
}

// counter counts what is written.
type counter struct{ atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.Add(int64(len(p)))
	return len(p), nil
}

// TestBackPressure: a reader that does not read stops its writer.
func TestBackPressure(t *testing.T) {
	read := make(chan bool)
	up := coretest.Script(t, func(c *coretest.Peer) {
		<-read
		_, _ = io.Copy(io.Discard, c.Conn)
		c.Say("done")
	})
	p := coretest.Proxy(t, service([]string{up.Addr}, ""))
	c := coretest.Dial(t, p.Addr("db"))
	const size = 256 << 20 // more than any socket's buffers
	var sent counter
	written := make(chan error, 1)
	go func() {
		_, err := io.CopyN(io.MultiWriter(c, &sent), rand.NewChaCha8([32]byte{}), size)
		c.HalfClose()
		written <- err
	}()
	last, same := int64(0), 0
	coretest.Eventually(t, "the writer stops", func() bool {
		n := sent.Load()
		if n == last && n > 0 {
			same++
		} else {
			same = 0
		}
		last = n
		return same == 100
	})
	if last == size {
		t.Error("all was taken, though nobody reads it")
	}
	close(read)
	if got, failed := all(c.R); got != "done" || failed {
		t.Errorf("the client got %q, failed %v", got, failed)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestRefused: an endpoint that cannot be reached is passed over, as often as the
// service says.
func TestRefused(t *testing.T) {
	up := coretest.Script(t, saying("hi"))
	gone := coretest.Refusing(t)
	p := coretest.Proxy(t, service([]string{gone, up.Addr}, ""))
	for range 8 {
		exact(t, coretest.Dial(t, p.Addr("db")).R, "hi")
	}
	p = coretest.Proxy(t, service([]string{gone}, ""))
	if got, failed := all(coretest.Dial(t, p.Addr("db")).R); got != "" || failed {
		t.Errorf("%q, failed %v; want an orderly end", got, failed)
	}
	coretest.Eventually(t, "it is counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="connect",service="db"}`) == 1 &&
			p.Metric(`weir_cluster_retries_total{cluster="up"}`) == 1
	})
}

// TestTimes: a connection ends that is idle or too old.
func TestTimes(t *testing.T) {
	for reason, key := range map[string]string{"idle_timeout": "idle", "max_age": "max_age"} {
		t.Run(reason, func(t *testing.T) {
			up := coretest.Script(t, saying("hi"))
			var p *coretest.Running
			coretest.Unhurried(t, 100*time.Millisecond, func(bound time.Duration) error {
				p = coretest.Proxy(t, service([]string{up.Addr}, fmt.Sprintf("%s = %q", key, bound)))
				got, _ := all(coretest.Dial(t, p.Addr("db")).R)
				if got != "hi" {
					return fmt.Errorf("%q came before its end", got)
				}
				return nil
			})
			coretest.Eventually(t, "it is counted", func() bool {
				return p.Metric(`weir_tcp_connections_total{reason="`+reason+`",service="db"}`) == 1
			})
		})
	}
}
