package foreign_test

import (
	"bytes"
	"testing"

	"github.com/weirproxy/weir/core/foreign"
)

// FuzzArguments gives every function any bytes: it must not panic, not touch
// them, keep what is before its result, and bound that.
func FuzzArguments(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(encode(int64(0), uint32(0), uint32(1), "kvalue"))
	f.Add(encode(uint32(1), uint32(4), "Jefewhat do ya want for nothing?"))
	f.Add(encode(uint32(0), uint32(0), int64(10), int64(1e9), int64(0), int64(1), "client"))
	f.Add(encode(uint32(1), uint32(1), int64(1<<40), int64(1<<60), int64(1<<40), int64(1<<40), "client"))
	f.Add(regex(0, "^/v[0-9]+/", "", "/v12/x"))
	f.Add(regex(1, "b(x)?(c)", "", "abcd"))
	f.Add(regex(2, "(?P<n>[0-9]+)", "<$n>", "a1b22c"))
	f.Add([]byte("\x0a\x04user\x12\x03ann\x18\x01"))
	f.Add(message(1, "sha256", 2, "key", 3, "signature", 4, "text"))
	f.Add([]byte("\x78\x9c\x4b\x04\x00\x00\x62\x00\x62"))
	f.Add(jwt(hs256, []string{"sub"}, `{"keys":[{"kty":"oct","k":"YSBzZWNyZXQgdGhhdCBoYXMgdGhpcnR5LXR3byBieXRlcw"}]}`, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"))
	f.Add(password("$2a$04$MtZjyMWZq4ATqrC2zYcJrODgl3cjbqsQXnZmZC9vA3uLR0wVx1qdi", "secret"))
	f.Fuzz(func(t *testing.T, args []byte) {
		c := newCall(t)
		before := bytes.Clone(args)
		for _, name := range registry.Names() {
			result, s := invoke(t, c, name, args)
			if !bytes.Equal(args, before) {
				t.Fatalf("%s changed its arguments", name)
			}
			if len(result) > 2<<20 {
				t.Fatalf("%s answers %d bytes", name, len(result))
			}
			switch s {
			case foreign.OK, foreign.NotFound, foreign.BadArgument, foreign.SerializationFailure,
				foreign.CASMismatch, foreign.InternalFailure:
			default:
				t.Fatalf("%s answers status %d", name, s)
			}
		}
	})
}
