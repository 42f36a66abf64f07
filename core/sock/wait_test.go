package sock_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/sock"
)

func TestTimeouts(t *testing.T) {
	r := reaper(t)
	c, peer := pair(t, r)
	b := make([]byte, 1)
	c.ArmRead(5 * time.Millisecond)
	if _, err := c.Read(b); err != sock.ErrTimeout {
		t.Fatalf("%v, want ErrTimeout", err)
	}
	if _, err := c.Read(b); err != sock.ErrTimeout {
		t.Fatalf("once more: %v, want ErrTimeout", err)
	}
	c.ArmRead(0)
	write(t, peer, "x")
	expect(t, c, "x")

	// One that passed while nobody read is no matter to the next.
	c.ArmRead(time.Millisecond)
	for until := r.Now() + int64(10*time.Millisecond); r.Now() < until; {
		runtime.Gosched()
	}
	c.ArmRead(time.Hour)
	write(t, peer, "y")
	expect(t, c, "y")

	c.ArmWrite(20 * time.Millisecond)
	if _, err := c.Write(make([]byte, 64<<20)); err != sock.ErrTimeout {
		t.Fatalf("writing to one that does not read: %v, want ErrTimeout", err)
	}
}

// A write that makes progress, however slow, does not time out.
func TestProgressPutsTheTimeoutOff(t *testing.T) {
	r := reaper(t)
	coretest.Unhurried(t, 500*time.Millisecond, func(span time.Duration) error {
		c, peer := pair(t, r)
		c.ArmWrite(span)
		done := make(chan error, 1)
		go func() {
			_, err := c.Write(make([]byte, 24<<20))
			done <- err
			_ = c.Close()
		}()
		b := make([]byte, 2<<20)
		for i := range 12 {
			if _, err := io.ReadFull(peer, b); err != nil {
				break // the writer knows why
			}
			for until := r.Now() + int64(span/3); r.Now() < until && i < 5; {
				runtime.Gosched()
			}
		}
		return <-done
	})
}

func TestDeadlinesOfNet(t *testing.T) {
	c, peer := pair(t, nil)
	_ = c.SetReadDeadline(time.Unix(1, 0))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want a deadline", err)
	}
	_ = c.SetDeadline(time.Time{})
	write(t, peer, "x")
	expect(t, c, "x")
}

func TestInterrupt(t *testing.T) {
	r := reaper(t)
	c, peer := pair(t, r)
	b := make([]byte, 10)
	read := func() error {
		_, err := c.Read(b)
		return err
	}
	// The read under way.
	done := make(chan error)
	go func() { done <- read() }()
	runtime.Gosched()
	c.Interrupt()
	if err := <-done; err != sock.ErrInterrupted {
		t.Fatalf("under way: %v", err)
	}
	// The next, though bytes are there: they stay.
	write(t, peer, "x")
	eventually(func() bool { return c.Peek() == sock.Readable })
	c.Interrupt()
	c.Interrupt()
	if err := read(); err != sock.ErrInterrupted {
		t.Fatalf("next: %v", err)
	}
	expect(t, c, "x") // and only the next
	// Arming in between loses none.
	c.Interrupt()
	c.ArmRead(time.Hour)
	if err := read(); err != sock.ErrInterrupted {
		t.Fatalf("behind ArmRead: %v", err)
	}
	// A time-out that passed keeps its word afterwards.
	c.ArmRead(time.Millisecond)
	if err := read(); err != sock.ErrTimeout {
		t.Fatalf("time-out: %v", err)
	}
	c.Interrupt()
	if err := read(); err != sock.ErrTimeout {
		t.Fatalf("time-out, interrupted: %v", err)
	}
	c.ArmRead(0)
	if err := read(); err != sock.ErrInterrupted {
		t.Fatalf("interrupted while timed out: %v", err)
	}
	// An exchange that has not begun is not begun.
	c.Interrupt()
	if _, written, err := c.Exchange([]byte("ping"), b); written || err != sock.ErrInterrupted {
		t.Fatalf("exchange: %v, %v", written, err)
	}
}
