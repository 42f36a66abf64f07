package sock_test

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// Each interruption ends one read at most, and each read that waits is ended
// by an interruption that comes after it began.
func TestInterruptHammer(t *testing.T) {
	c, peer := pair(t, reaper(t))
	const rounds = 2000
	var interrupted, got int
	done := make(chan struct{})
	seen := make(chan struct{}, 1)
	go func() {
		defer close(done)
		b := make([]byte, 64)
		for {
			c.ArmRead(time.Minute)
			n, err := c.Read(b)
			switch err {
			case nil:
				got += n
			case sock.ErrInterrupted:
				interrupted++
				seen <- struct{}{}
			default:
				return
			}
		}
	}()
	for i := range rounds {
		if i%3 == 0 {
			write(t, peer, "x")
		}
		c.Interrupt()
		<-seen // none is lost
	}
	_ = peer.Close()
	<-done
	if interrupted != rounds || got != (rounds+2)/3 {
		t.Errorf("%d of %d interruptions, %d bytes of %d", interrupted, rounds, got, (rounds+2)/3)
	}
}

// Reads, writes, time-outs, looks and ends all at once.
func TestConnHammer(t *testing.T) {
	r := reaper(t)
	before := openFiles(t)
	var wg sync.WaitGroup
	for range 20 {
		c, peer := pair(t, r)
		text := bytes.Repeat([]byte("0123456789abcdef"), 16<<10)
		wg.Go(func() {
			// Behind plain interfaces, as TCPConn's own copying keeps pipes open.
			_, _ = io.Copy(struct{ io.Writer }{peer}, struct{ io.Reader }{peer})
			_ = peer.Close()
		})
		wg.Go(func() {
			c.ArmWrite(time.Minute)
			if err := c.WriteVec(text[:100], text[100:], nil); err != nil {
				t.Error(err)
			}
			_ = c.CloseWrite()
		})
		wg.Go(func() {
			for range 50 {
				c.Peek()
				c.Interrupt()
				runtime.Gosched()
			}
		})
		wg.Go(func() {
			var got []byte
			b := make([]byte, 8<<10)
			for {
				c.ArmRead(time.Minute)
				n, err := c.Read(b)
				if got = append(got, b[:n]...); err != nil && err != sock.ErrInterrupted {
					break
				}
			}
			_ = c.Close()
			if !bytes.Equal(got, text) {
				t.Errorf("%d bytes came back, want %d of the same", len(got), len(text))
			}
		})
	}
	wg.Wait()
	if r.Len() != 0 {
		t.Errorf("%d closed connections are watched", r.Len())
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d descriptors are open, %d were", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(d)
}

// A very large write to a fast reader leaves the processor to others.
func TestLargeWritesAreFair(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c, peer := pair(t, nil)
	var writing atomic.Bool
	writing.Store(true)
	go func() { _, _ = io.Copy(io.Discard, peer) }()
	turns := 0
	done := make(chan error, 1)
	go func() {
		_, err := c.Write(make([]byte, 64<<20))
		writing.Store(false)
		done <- err
	}()
	for writing.Load() {
		turns++
		runtime.Gosched()
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if turns < 32 { // 256 system calls at least
		t.Errorf("another goroutine had %d turns while 64 MiB were written", turns)
	}
}
