package tlssock_test

import (
	"io"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// TestPreview: what is seen ahead is read again, and only what is asked for is.
func TestPreview(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			r := connect(t, version, true)
			var b [5]byte
			seen := 0
			for _, piece := range []string{"a", "bc", "defgh"} {
				if _, err := r.theirs.Write([]byte(piece)); err != nil {
					t.Fatal(err)
				}
				n, err := r.ours.Preview(b[:], seen)
				if err != nil || n <= seen || string(b[:n]) != "abcdefgh"[:n] {
					t.Fatalf("%q, %v", b[:n], err)
				}
				seen = n
			}
			if n, err := r.ours.Preview(b[:], len(b)); err != io.ErrShortBuffer {
				t.Errorf("more than there is room for: %d, %v", n, err)
			}
			got := make([]byte, 8)
			if _, err := io.ReadFull(r.ours, got[:2]); err != nil {
				t.Fatal(err)
			}
			if n, err := r.ours.Preview(b[:], 0); err != nil || string(b[:n]) != "cde" {
				t.Errorf("the rest: %q, %v", b[:n], err)
			}
			if _, err := io.ReadFull(r.ours, got[2:]); err != nil || string(got) != "abcdefgh" {
				t.Errorf("%q, %v", got, err)
			}
			r.ours.ArmRead(time.Nanosecond)
			if _, err := r.ours.Preview(b[:], 0); err != sock.ErrTimeout {
				t.Errorf("nothing comes: %v", err)
			}
			r.ours.ArmRead(0)
			r.ours.Interrupt()
			if _, err := r.ours.Preview(b[:], 0); err != sock.ErrInterrupted {
				t.Errorf("interrupted: %v", err)
			}
			if err := r.theirs.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := r.ours.Preview(b[:], 0); err != io.EOF {
				t.Errorf("the end: %v", err)
			}
		})
	}
}
