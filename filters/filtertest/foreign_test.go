package filtertest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// asker calls foreign functions of the emulated host, one a stream.
type asker struct{}

var ask struct {
	name   string
	args   []byte
	result []byte
	err    error
}

func (asker) OnRequestHeaders(*sdk.Stream, bool) sdk.Action {
	v, err := sdk.Foreign(ask.name, ask.args)
	ask.result, ask.err = bytes.Clone(v), err
	return sdk.Continue
}

func init() {
	sdk.Register("asker", func(*sdk.Root) (sdk.Plugin, error) { return asker{}, nil })
}

// caller is a VM's namespace.
type caller struct {
	foreign.Call
	space *state.Namespace
}

func (c caller) State() *state.Namespace { return c.space }

// TestEmulatedFunctionsAnswerAsTheRealOnes calls both sides with the same
// arguments, in long random sequences, with the same clock.
func TestEmulatedFunctionsAnswerAsTheRealOnes(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := state.New(state.Options{Now: func() int64 { return now.UnixNano() }})
	space := store.Open("test", 0)
	real := foreign.NewRegistry()
	h := sdktest.New(t, "asker", "")
	random := rand.New(rand.NewPCG(3, 4))
	number := func(b []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) }
	word := func(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
	key := func() string { return fmt.Sprintf("k%d", random.IntN(4)) }
	run := func(b []byte, s string) []byte { return append(word(b, uint32(len(s))), s...) }
	rates := [][3]int64{{10, 1e9, 0}, {3, 1e9, 7}, {7, 100e6, 0}, {1, 60e9, 0}, {1000, 1e9, 50}, {0, 1e9, 0}}
	kinds := map[string]func() []byte{
		"weir.rate_take": func() []byte {
			r := rates[random.IntN(len(rates))]
			algorithm := uint32(random.IntN(2))
			b := word(word(nil, algorithm), 0)
			for _, v := range r {
				b = number(b, v)
			}
			b = number(b, int64(random.IntN(4)))
			return append(b, fmt.Sprint("rate ", algorithm, r)...)
		},
		"weir.kv_get": func() []byte { return []byte(key()) },
		"weir.kv_set": func() []byte {
			return append(run(word(number(nil, int64(random.IntN(3))*1e9), 0), key()), "12345678"[:random.IntN(9)]...)
		},
		"weir.kv_delete": func() []byte { return append(word(nil, 0), key()...) },
		"weir.kv_increment": func() []byte {
			return append(number(number(nil, int64(random.IntN(9)-4)), int64(random.IntN(3))*1e9), key()...)
		},
		"weir.hash": func() []byte { return append(word(nil, uint32(random.IntN(6))), key()...) },
		"weir.hmac": func() []byte { return append(run(word(nil, uint32(random.IntN(5))), key()), key()...) },
		"weir.constant_time_equal": func() []byte {
			return append(run(nil, key()), key()...)
		},
		"weir.regex": func() []byte {
			pattern, replacement := []string{"k([0-9])", "(a)|(k)", "^$", "("}[random.IntN(4)], "<$1>"
			operation := uint32(random.IntN(4))
			if operation != 2 {
				replacement = ""
			}
			b := word(word(word(nil, operation), uint32(len(pattern))), uint32(len(replacement)))
			return append(append(append(b, pattern...), replacement...), key()...)
		},
	}
	names := []string{"weir.rate_take", "weir.rate_take", "weir.rate_take", "weir.kv_get", "weir.kv_set", "weir.kv_delete",
		"weir.kv_increment", "weir.hash", "weir.hmac", "weir.constant_time_equal", "weir.regex"}
	for i := range 30_000 {
		name := names[random.IntN(len(names))]
		args := kinds[name]()
		if random.IntN(50) == 0 {
			args = args[:random.IntN(len(args))]
		}
		ask.name, ask.args = name, args
		h.Stream(sdktest.Request{}).Finish()
		want, _, status := real.Find([]byte(name)).Run(caller{space: space}, nil, args)
		if got, wanted := fmt.Sprint(ask.err), text(status); got != wanted {
			t.Fatalf("call %d, %s %x: emulated %s, real %s", i, name, args, got, wanted)
		}
		if status == foreign.OK && (name == "weir.kv_set" || name == "weir.kv_get") {
			want, ask.result = want[4:], ask.result[4:] // compare-and-swap numbers are each side's own
		}
		if status == foreign.OK && !bytes.Equal(want, ask.result) {
			t.Fatalf("call %d, %s %x:\nemulated %x\nreal     %x", i, name, args, ask.result, want)
		}
		step := time.Duration(random.IntN(200)) * time.Millisecond
		now = now.Add(step)
		h.Advance(step)
	}
}

// text is a status as the SDK tells it.
func text(s foreign.Status) string {
	switch s {
	case foreign.OK:
		return "<nil>"
	case foreign.NotFound:
		return sdk.ErrNotFound.Error()
	case foreign.BadArgument:
		return sdk.ErrBadArgument.Error()
	case foreign.CASMismatch:
		return sdk.ErrCASMismatch.Error()
	case foreign.InternalFailure:
		return sdk.ErrInternal.Error()
	}
	return "another status"
}
