package edit_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
)

// rates is a VM's state whose clock stands.
func rates(t testing.TB) *state.Namespace {
	n := state.New(state.Options{Now: func() int64 { return int64(time.Hour) }}).Open("vm", 0)
	t.Cleanup(n.Close)
	return n
}

// perHour is a token bucket of n an hour, as a gate's name.
func perHour(n uint64) string {
	b := words(0, 0)
	b = binary.LittleEndian.AppendUint64(b, n)
	b = binary.LittleEndian.AppendUint64(b, uint64(time.Hour))
	return string(binary.LittleEndian.AppendUint64(b, 0))
}

func TestGate(t *testing.T) {
	for name, c := range map[string]struct {
		value []part
		want  []edit.Outcome // of one request after the other
	}{
		"two of three":       {[]part{{literal, "k"}, {client, ""}}, []edit.Outcome{edit.Spared, edit.Spared, edit.Made}},
		"nothing is known":   {[]part{{literal, "k"}, {field, "x-none"}}, []edit.Outcome{edit.Made, edit.Made}},
		"a key that is text": {text("k"), []edit.Outcome{edit.Spared, edit.Spared, edit.Made}},
		"a long key":         {[]part{{field, "x-long"}}, []edit.Outcome{edit.Made, edit.Made}},
	} {
		t.Run(name, func(t *testing.T) {
			var l edit.List
			if err := l.Add(encode(0, one{action: gate, name: perHour(2), value: c.value})); err != nil {
				t.Fatal(err)
			}
			f, n, room := newFake(), counts{}, edit.Room{State: rates(t), Left: 1 << 10}
			f.request.Headers.AddString("x-long", strings.Repeat("k", 121))
			spared := int64(0)
			for i, want := range c.want {
				if got := l.Apply(f, filter.PhaseRequestHeaders, &room, n); got != want {
					t.Errorf("request %d: %d, want %d", i, got, want)
				}
				if want == edit.Spared {
					spared++
				}
			}
			if n[1] != spared || len(room.Memory) > 0 {
				t.Errorf("counted %d of %d, %d bytes kept", n[1], spared, len(room.Memory))
			}
		})
	}
}
