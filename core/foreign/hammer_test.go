package foreign_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/foreign"
)

// TestHammerSharedParts uses from 64 goroutines what calls share: caches and
// pools.
func TestHammerSharedParts(t *testing.T) {
	c := newCall(t)
	var all sync.WaitGroup
	for g := range 64 {
		all.Go(func() {
			for i := range 20 {
				text := bytes.Repeat(fmt.Appendf(nil, "%d/%d ", g, i), 50)
				packed, s := invoke(t, c, "compress", text)
				if s != foreign.OK {
					t.Errorf("compressing: status %d", s)
				}
				if got, s := invoke(t, c, "uncompress", packed); s != foreign.OK || !bytes.Equal(got, text) {
					t.Errorf("uncompressing: status %d", s)
				}
				pattern := fmt.Sprintf("^(%d)/", i)
				got, s := invoke(t, c, "weir.regex", regex(2, pattern, "$1", fmt.Sprintf("%d/x", i)))
				if want := fmt.Sprintf("%dx", i); s != foreign.OK || string(got) != want {
					t.Errorf("replacing: %q, status %d, want %q", got, s, want)
				}
			}
		})
	}
	all.Wait()
}
