package requestid

import (
	"fmt"
	"testing"
)

func FuzzUUID(f *testing.F) {
	f.Add(uint64(0), uint64(0))
	f.Add(^uint64(0), ^uint64(0))
	f.Add(uint64(0x0123456789abcdef), uint64(0xfedcba9876543210))
	f.Fuzz(func(t *testing.T, high, low uint64) {
		got := string(appendUUID([]byte("x"), high, low))
		low = low&^(3<<62) | 2<<62
		want := fmt.Sprintf("x%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
