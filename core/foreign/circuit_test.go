package foreign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/foreign"
)

// one opens with the first error, for a second.
func one(change ...uint32) []byte {
	words := []uint32{1, 0, 0, 1, 100, 0xf, 0, 0}
	copy(words, change)
	b := encode()
	for _, w := range words {
		b = append(b, encode(w)...)
	}
	b = append(b, encode(time.Second, time.Second, time.Second)...)
	return append(b, make([]byte, 64+4*4)...)
}

func TestCircuitEnter(t *testing.T) {
	c := newCall(t)
	check(t, c, []row{
		{"weir.circuit_enter", append(one(), "k"...), encode(uint32(1), uint32(0), int64(0)), foreign.OK},
		{"weir.circuit_enter", one(), encode(uint32(1), uint32(0), int64(0)), foreign.OK},
		{"weir.circuit_enter", one()[:135], nil, foreign.BadArgument},
		{"weir.circuit_enter", nil, nil, foreign.BadArgument},
		{"weir.circuit_enter", append(one(), strings.Repeat("k", 256)...), encode(uint32(1), uint32(0), int64(0)), foreign.OK},
		{"weir.circuit_enter", append(one(), strings.Repeat("k", 257)...), nil, foreign.BadArgument},
		{"weir.circuit_enter", one(1, 101), nil, foreign.BadArgument},
		{"weir.circuit_enter", one(1, 0, 0, 0), nil, foreign.BadArgument},
	})
}

func TestRetryPolicyAndSleep(t *testing.T) {
	c := newCall(t)
	policy := make([]byte, 128)
	check(t, c, []row{
		{"weir.retry_policy", policy, encode(), foreign.OK},
		{"weir.retry_policy", append(policy[:128:128], "x-key"...), encode(), foreign.OK},
		{"weir.retry_policy", append(policy[:128:128], "x key"...), nil, foreign.BadArgument},
		{"weir.retry_policy", policy[:127], nil, foreign.BadArgument},
		{"weir.retry_policy", nil, nil, foreign.BadArgument},
		{"weir.async.sleep", encode(int64(7), uint32(1)), encode(uint32(7)), foreign.OK},
		{"weir.async.sleep", encode(int64(7), uint32(0)), nil, foreign.InternalFailure},
		{"weir.async.sleep", encode(int64(-1), uint32(1)), nil, foreign.BadArgument},
		{"weir.async.sleep", encode(int64(time.Hour)+1, uint32(1)), nil, foreign.BadArgument},
		{"weir.async.sleep", encode(int64(7), uint32(1), uint32(1)), nil, foreign.BadArgument},
		{"weir.async.sleep", encode(int64(7)), nil, foreign.BadArgument},
	})
}
