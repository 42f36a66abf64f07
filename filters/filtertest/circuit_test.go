package filtertest_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// breaks is a policy in the encoding of weir.circuit_enter.
func breaks(consecutive, percent uint32) []byte {
	var b []byte
	for _, w := range []uint32{consecutive, percent, 4, 2, 200, 0xf, 0, 0} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	for _, d := range []time.Duration{time.Second, 500 * time.Millisecond, 2 * time.Second} {
		b = binary.LittleEndian.AppendUint64(b, uint64(d))
	}
	statuses := make([]byte, 64)
	statuses[403/8] |= 1 << (403 % 8) // 503
	b = append(b, statuses...)
	for range 3 {
		b = binary.LittleEndian.AppendUint32(b, 1<<32-1)
	}
	return append(b, 0, 0, 0, 0)
}

// TestEmulatedCircuitsAnswerAsTheRealOnes has both see the same streams, in a long
// random sequence, several at once, with the same clock.
func TestEmulatedCircuitsAnswerAsTheRealOnes(t *testing.T) {
	h := sdktest.New(t, "asker", "")
	var set circuit.Set
	set.Init()
	random := rand.New(rand.NewPCG(5, 6))
	policies := [][]byte{breaks(3, 0), breaks(0, 50), breaks(4, 80)}
	type under struct {
		s      *sdktest.Stream
		permit circuit.Permit
		policy *circuit.Policy
	}
	var way []under
	end := func(i int) {
		u := way[i]
		way = append(way[:i], way[i+1:]...)
		outcome := [...]circuit.Outcome{circuit.Good, circuit.Bad, circuit.Ignored}[random.IntN(3)]
		switch outcome {
		case circuit.Good:
			u.s.Respond(sdktest.Response{Status: 200, Headers: []sdk.Field{}})
		case circuit.Bad:
			u.s.Respond(sdktest.Response{Status: 503})
		}
		u.s.Finish()
		u.permit.End(outcome, u.policy, h.Time().UnixNano())
	}
	denied := 0
	for i := range 20_000 {
		n := random.IntN(len(policies))
		p, err := circuit.Parse(policies[n])
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint("k", n)
		ask.name, ask.args = "weir.circuit_enter", append(policies[n][:len(policies[n]):len(policies[n])], key...)
		s := h.Stream(sdktest.Request{})
		d, _ := set.Enter([]byte(key), &p, h.Time().UnixNano())
		want := binary.LittleEndian.AppendUint32(nil, 0)
		if d.Allowed {
			want[0] = 1
		} else {
			denied++
		}
		want = binary.LittleEndian.AppendUint32(want, uint32(d.State))
		want = binary.LittleEndian.AppendUint64(want, uint64(d.Retry))
		if ask.err != nil || string(ask.result) != string(want) {
			t.Fatalf("stream %d: emulated %x, %v, real %x", i, ask.result, ask.err, want)
		}
		way = append(way, under{s, d.Permit, &p})
		for len(way) > random.IntN(6) {
			end(random.IntN(len(way)))
		}
		h.Advance(time.Duration(random.IntN(120)) * time.Millisecond)
	}
	if denied < 1000 || denied > 19_000 {
		t.Errorf("%d of 20000 were denied: the sequence shows nothing", denied)
	}
}
