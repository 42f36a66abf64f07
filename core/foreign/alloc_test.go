//go:build !race

package foreign_test

import (
	"testing"
	"time"
)

func TestRequestPathDoesNotAllocate(t *testing.T) {
	c := newCall(t)
	dst := make([]byte, 0, 256)
	registry.Find([]byte("weir.kv_set")).Run(c, dst, encode(int64(0), uint32(0), uint32(1), "kvalue"))
	for name, args := range map[string][]byte{
		"weir.kv_get":              []byte("k"),
		"weir.kv_set":              encode(int64(0), uint32(0), uint32(1), "kvalue"),
		"weir.kv_increment":        encode(int64(1), int64(0), "n"),
		"weir.rate_take":           encode(uint32(0), uint32(0), int64(1<<30), time.Second, int64(0), int64(1), "client"),
		"weir.hash":                encode(uint32(1), "some bytes"),
		"weir.random":              encode(uint32(16)),
		"weir.constant_time_equal": encode(uint32(3), "abcabc"),
		"weir.regex":               regex(0, "^/v[0-9]+/", "", "/v12/x"),
		"weir.password_verify":     password(hashed(t, "x", 4), "x"),
		"clear_route_cache":        nil,
	} {
		key := []byte(name)
		do := func() { registry.Find(key).Run(c, dst, args) }
		do()
		if got := testing.AllocsPerRun(100, do); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}
