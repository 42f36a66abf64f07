package main

import "testing"

// FuzzGuard: where replies are cut makes no difference to what is thought of them.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("*2\r\n:1\r\n$5\r\n*999\n\r\n"), 3)
	f.Add([]byte("$-1\r\n%1\r\n+a\r\n$8388609\r\n"), 9)
	f.Fuzz(func(t *testing.T, replies []byte, at int) {
		if at < 0 || at > len(replies) {
			return
		}
		var whole, cut guarded
		want, got := whole.look(replies), cut.look(replies[:at])
		if got == nil {
			got = cut.look(replies[at:])
		}
		if (want == nil) != (got == nil) || want == nil && whole != cut {
			t.Errorf("whole: %v, %+v; cut: %v, %+v", want, whole, got, cut)
		}
	})
}
