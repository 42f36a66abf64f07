//go:build !race

package tlssock_test

import (
	"crypto/tls"
	"testing"
)

// TestMessagesAllocateNothing of ours: crypto/tls allocates a reader for each record
// that it waits for, here once on each side.
func TestMessagesAllocateNothing(t *testing.T) {
	r := connect(t, tls.VersionTLS13, true)
	out, in := []byte("a request or so"), make([]byte, 100)
	head, body := []byte("head"), []byte("body")
	allocs := testing.AllocsPerRun(1000, func() {
		_, _ = r.theirs.Write(out)
		if _, err := r.ours.Read(in); err != nil {
			t.Fatal(err)
		}
		if err := r.ours.WriteVec(head, body, nil); err != nil {
			t.Fatal(err)
		}
		_, _ = r.theirs.Read(in)
		r.wire.got = r.wire.got[:0]
	})
	if allocs > 2 {
		t.Errorf("%v allocations", allocs)
	}
}
