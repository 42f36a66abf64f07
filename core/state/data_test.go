package state_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

func TestSetComparesAndSwaps(t *testing.T) {
	n, _, _ := open(t, state.Options{})
	key := []byte("k")
	first, err := n.Set(key, []byte("a"), 77, 0)
	if err != nil || first == 0 {
		t.Fatalf("a cas on an absent key: %d, %v", first, err)
	}
	if _, err := n.Set(key, []byte("b"), first+1, 0); !errors.Is(err, state.ErrMismatch) {
		t.Fatalf("a wrong cas: %v", err)
	}
	second, err := n.Set(key, []byte("b"), first, 0)
	if err != nil || second == first {
		t.Fatalf("the right cas: %d after %d, %v", second, first, err)
	}
	third, err := n.Set(key, []byte("c"), 0, 0)
	if err != nil || third == second {
		t.Fatalf("without a cas: %d after %d, %v", third, second, err)
	}
	if v, cas, ok := n.Get([]byte("x:"), key); !ok || string(v) != "x:c" || cas != third {
		t.Fatalf("got %q, %d, %v", v, cas, ok)
	}
	if err := n.Delete(key, second); !errors.Is(err, state.ErrMismatch) {
		t.Fatalf("deleting with an old cas: %v", err)
	}
	if err := n.Delete(key, third); err != nil {
		t.Fatal(err)
	}
	if err := n.Delete(key, 0); !errors.Is(err, state.ErrNotFound) {
		t.Fatalf("deleting twice: %v", err)
	}
	again, err := n.Set(key, nil, 0, 0)
	if err != nil || again == first || again == second || again == third {
		t.Fatalf("cas %d came again after a delete, %v", again, err)
	}
}

func TestEmptyKeyAndValueAreLegal(t *testing.T) {
	n, _, _ := open(t, state.Options{})
	if _, err := n.Set(nil, nil, 0, 0); err != nil {
		t.Fatal(err)
	}
	if v, cas, ok := n.Get(nil, nil); !ok || len(v) != 0 || cas == 0 {
		t.Fatalf("got %q, %d, %v", v, cas, ok)
	}
}

func TestSizesAreBounded(t *testing.T) {
	n, _, _ := open(t, state.Options{})
	for _, tc := range []struct {
		key, value int
		err        error
	}{
		{state.MaxKey, state.MaxValue, nil},
		{state.MaxKey + 1, 0, state.ErrTooLarge},
		{0, state.MaxValue + 1, state.ErrTooLarge},
	} {
		if _, err := n.Set(make([]byte, tc.key), make([]byte, tc.value), 0, 0); !errors.Is(err, tc.err) {
			t.Errorf("key of %d, value of %d bytes: %v, want %v", tc.key, tc.value, err, tc.err)
		}
	}
	if _, err := n.Increment(make([]byte, state.MaxKey+1), 1, 0); !errors.Is(err, state.ErrTooLarge) {
		t.Errorf("incrementing a long key: %v", err)
	}
}

func TestFullNamespaceKeepsWhatItHas(t *testing.T) {
	n, s, clock := open(t, state.Options{Bytes: 4096})
	value := bytes.Repeat([]byte("v"), 100)
	stored := 0
	for ; ; stored++ {
		if _, err := n.Set(fmt.Appendf(nil, "k%d", stored), value, 0, time.Minute); err != nil {
			if !errors.Is(err, state.ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if n.Size() > 4096 || stored < 15 {
		t.Fatalf("%d entries take %d bytes", stored, n.Size())
	}
	if _, err := n.Set([]byte("k0"), bytes.Repeat([]byte("w"), 3000), 0, 0); !errors.Is(err, state.ErrFull) {
		t.Fatalf("growing a value beyond the room: %v", err)
	}
	for i := range stored {
		if v, _, ok := n.Get(nil, fmt.Appendf(nil, "k%d", i)); !ok || !bytes.Equal(v, value) {
			t.Fatalf("k%d is gone", i)
		}
	}
	clock.advance(time.Minute)
	if _, err := n.Set([]byte("new"), value, 0, 0); err != nil {
		t.Fatalf("with nothing but expired entries: %v", err)
	}
	n.Delete([]byte("new"), 0)
	s.Sweep()
	if n.Size() != 0 {
		t.Fatalf("%d bytes left of nothing", n.Size())
	}
}

func TestTimeToLive(t *testing.T) {
	n, s, clock := open(t, state.Options{})
	n.Set([]byte("short"), []byte("1"), 0, time.Second)
	n.Set([]byte("long"), []byte("2"), 0, time.Duration(math.MaxInt64))
	n.Set([]byte("good"), []byte("3"), 0, 0)
	has := func(key string, want bool) {
		t.Helper()
		if _, _, ok := n.Get(nil, []byte(key)); ok != want {
			t.Errorf("%s is there: %v, want %v", key, ok, want)
		}
	}
	clock.advance(time.Second - 1)
	has("short", true)
	clock.advance(1)
	has("short", false)
	n.Set([]byte("short"), []byte("1"), 0, time.Second)
	n.Set([]byte("short"), []byte("1"), 0, 0) // and now for good
	clock.advance(100 * 24 * time.Hour)
	s.Sweep()
	has("short", true)
	has("long", true)
	has("good", true)
}

func TestIncrement(t *testing.T) {
	n, _, clock := open(t, state.Options{})
	key := []byte("hits")
	for i, tc := range []struct {
		advance time.Duration
		delta   int64
		want    int64
	}{
		{0, 5, 5},
		{500 * time.Millisecond, -2, 3},
		{499 * time.Millisecond, 1, 4},
		{time.Millisecond, 1, 1}, // the first call's second is over
		{0, math.MaxInt64, math.MaxInt64},
		{0, math.MinInt64, -1},
		{0, math.MinInt64, math.MinInt64},
	} {
		clock.advance(tc.advance)
		if got, err := n.Increment(key, tc.delta, time.Second); err != nil || got != tc.want {
			t.Fatalf("step %d: %d, %v, want %d", i, got, err, tc.want)
		}
	}
	v, before, _ := n.Get(nil, key)
	if len(v) != 8 || int64(binary.LittleEndian.Uint64(v)) != math.MinInt64 {
		t.Fatalf("shown as %x", v)
	}
	n.Increment(key, 1, 0)
	if _, after, _ := n.Get(nil, key); after == before {
		t.Fatal("an increment does not show in the cas")
	}
	n.Set(key, []byte("text"), 0, 0)
	if _, err := n.Increment(key, 1, 0); !errors.Is(err, state.ErrNoNumber) {
		t.Fatalf("incrementing text: %v", err)
	}
}

func TestIncrementOfFullNamespace(t *testing.T) {
	n, _, clock := open(t, state.Options{Bytes: 120})
	if _, err := n.Increment([]byte("a"), 1, time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Increment([]byte("b"), 1, 0); !errors.Is(err, state.ErrFull) {
		t.Fatalf("a second counter: %v", err)
	}
	clock.advance(time.Second)
	if got, err := n.Increment([]byte("b"), 1, 0); err != nil || got != 1 {
		t.Fatalf("after the first expired: %d, %v", got, err)
	}
}

func TestReloadKeepsState(t *testing.T) {
	s := state.New(state.Options{})
	old := s.Open("vm", 0)
	old.Set([]byte("k"), []byte("v"), 0, 0)
	fresh := s.Open("vm", 50)
	old.Close()
	if _, _, ok := fresh.Get(nil, []byte("k")); !ok {
		t.Fatal("the new snapshot does not find the old one's data")
	}
	if _, err := fresh.Set([]byte("l"), nil, 0, 0); !errors.Is(err, state.ErrFull) {
		t.Fatalf("beyond a lowered limit: %v", err)
	}
	other := s.Open("other", 0)
	defer other.Close()
	if _, _, ok := other.Get(nil, []byte("k")); ok {
		t.Fatal("namespaces are not apart")
	}
	fresh.Close()
	last := s.Open("vm", 0)
	defer last.Close()
	if _, _, ok := last.Get(nil, []byte("k")); ok {
		t.Fatal("data outlived all who used it")
	}
}
