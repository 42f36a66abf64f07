package edit_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// The numbers of what tells requests apart.
const byField, byMethod, byPath, byPeer, byProperty, byVersion, bySecret, byNetwork, byValue = 0, 1, 2, 3, 4, 5, 6, 7, 8

// by are the arguments that name the facts a filter decides by: sources and texts.
func by(facts ...any) []byte {
	b := words(uint32(len(facts) / 2))
	for i := 0; i < len(facts); i += 2 {
		text := facts[i+1].(string)
		b = append(append(b, words(uint32(facts[i].(int)), uint32(len(text)))...), text...)
	}
	return b
}

// byFields are those of fields alone.
func byFields(names ...string) []byte {
	var facts []any
	for _, name := range names {
		facts = append(facts, byField, name)
	}
	return by(facts...)
}

// alike makes requests with some fields.
func alike(fields ...string) *fake {
	f := newFake()
	f.request = stream.RequestHead{Method: []byte("GET"), Path: []byte("/"), Authority: []byte("a.example")}
	for i := 0; i < len(fields); i += 2 {
		f.request.Headers.AddString(fields[i], fields[i+1])
	}
	return f
}

func recalling(t testing.TB, names ...string) *edit.List {
	var l edit.List
	if err := l.Recall(byFields(names...)); err != nil {
		t.Fatal(err)
	}
	return &l
}

// replayed says whether the callback of a request is spared at a time.
func replayed(l *edit.List, f *fake, now int64, n counts) bool {
	return l.Apply(f, filter.PhaseRequestHeaders, &edit.Room{Left: 1 << 10, Now: now}, n) == edit.Spared
}

func TestRecall(t *testing.T) {
	l := recalling(t, "authorization", "x-tenant")
	told := encode(0, one{action: remove, name: "authorization"}, one{action: set, name: "x-user", value: text("ann")},
		one{action: setProperty, name: "weir.identity", value: text("ann")}, one{action: setProperty, name: "weir.claim.a", value: text("x")})
	if err := l.Remember(alike("authorization", "A", "x-tenant", "t"), nil, told, nil, 100, 200); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    *fake
		now  int64
		want bool
	}{
		"the same":                {alike("authorization", "A", "x-tenant", "t"), 100, true},
		"in another order":        {alike("x-other", "1", "x-tenant", "t", "x-user", "root", "authorization", "A"), 199, true},
		"too late":                {alike("authorization", "A", "x-tenant", "t"), 200, false},
		"before it was said":      {alike("authorization", "A", "x-tenant", "t"), 99, false},
		"another value":           {alike("authorization", "a", "x-tenant", "t"), 100, false},
		"a longer value":          {alike("authorization", "AA", "x-tenant", "t"), 100, false},
		"the values changed over": {alike("authorization", "t", "x-tenant", "A"), 100, false},
		"a field less":            {alike("authorization", "A"), 100, false},
		"a field twice":           {alike("authorization", "A", "x-tenant", "t", "authorization", "A"), 100, false},
		"the boundary moved":      {alike("authorization", "At", "x-tenant", ""), 100, false},
	} {
		n := counts{}
		if got := replayed(l, c.f, c.now, n); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		h := &c.f.request.Headers
		done := string(h.Peek("x-user")) == "ann" && !h.Has("authorization") && c.f.set["weir.claim.a"] == "x" && n[1] == 1
		if done != c.want || !c.want && n[1] != 0 {
			t.Errorf("%s: %s, %d counted", name, c.f, n[1])
		}
	}
}

// TestRecallLeavesToTheFilterWhatIsRefused: the room for what is written may be used up.
func TestRecallLeavesToTheFilterWhatIsRefused(t *testing.T) {
	l, n := recalling(t, "x-a"), counts{}
	if err := l.Remember(alike("x-a", "1"), nil, encode(0, one{action: set, name: "x-user", value: text("ann")}), nil, 0, 9); err != nil {
		t.Fatal(err)
	}
	if l.Apply(alike("x-a", "1", "x-user", "root"), filter.PhaseRequestHeaders, &edit.Room{Left: 3}, n) != edit.Made || n[1] != 0 {
		t.Error("the callback was spared")
	}
}

func TestRecallRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "no field": byFields(), "too many": byFields(strings.Split(strings.Repeat("a", 25), "")...),
		"no name": byFields(""), "upper case": byFields("A"), "a pseudo header": byFields(":path"), "a cut": byFields("x-a")[:11], "more": append(byFields("x-a"), 0),
	} {
		var l edit.List
		if err := l.Recall(b); !errors.Is(err, edit.ErrMalformed) || l.Recalls() || l.Phases() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := recalling(t, "x-a")
	if l.Recall(byFields("x-b")) == nil {
		t.Error("declared twice")
	}
	fine := one{action: set, name: "x-b", value: text("1")}
	for name, c := range map[string]struct {
		f    *fake
		b    []byte
		want error
	}{
		"nothing":       {alike("x-a", "1"), nil, edit.ErrMalformed},
		"a response":    {alike("x-a", "1"), encode(0, one{phase: response, action: remove, name: "x-b"}), edit.ErrMalformed},
		"a gate":        {alike("x-a", "1"), encode(0, one{action: gate, name: perHour(1)}), edit.ErrMalformed},
		"a question":    {alike("x-a", "1"), encode(0, one{action: onlyIf, name: "x-b"}), edit.ErrMalformed},
		"the cluster":   {alike("x-a", "1"), encode(0, one{action: setProperty, name: "weir.cluster", value: text("b")}), edit.ErrMalformed},
		"an absent key": {alike(), encode(0, fine), edit.ErrNoKey},
		"a key twice":   {alike("x-a", "1", "x-a", "1"), encode(0, fine), edit.ErrNoKey},
		"a long key":    {alike("x-a", strings.Repeat("k", 8<<10+1)), encode(0, fine), edit.ErrNoKey},
		"a huge list":   {alike("x-a", "1"), encode(0, one{action: set, name: "x-b", value: text(strings.Repeat("v", 2<<20))}), edit.ErrNoRoom},
	} {
		if err := l.Remember(c.f, nil, c.b, nil, 0, 9); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if replayed(l, alike("x-a", "1"), 1, counts{}) {
		t.Error("something of it was kept")
	}
	var none edit.List
	if none.Remember(alike("x-a", "1"), nil, encode(0, fine), nil, 0, 9) == nil {
		t.Error("a list remembers that was not told to")
	}
}

// TestRecallForgets what nobody has used for a minute when there is no room. What is in
// use stays, and the last word counts.
func TestRecallForgets(t *testing.T) {
	const ever, minute = int64(time.Hour), int64(time.Minute)
	l, n := recalling(t, "x-a"), counts{}
	key := func(i int) *fake { return alike("x-a", fmt.Sprint(i)) }
	tell := func(i int, now, until int64) error { return l.Remember(key(i), nil, encode(0), nil, now, until) }
	full := 0
	for tell(full, 0, ever) == nil {
		if full++; full > 20_000 { // of 576 bytes: 11 MiB
			t.Fatal("there is no bound")
		}
	}
	for i := range full {
		if !replayed(l, key(i), 1, n) {
			t.Fatalf("%d of %d is not known any more", i, full)
		}
	}
	if err := tell(full, 1, ever); !errors.Is(err, edit.ErrNoRoom) || replayed(l, key(full), 1, n) {
		t.Errorf("in the place of one in use: %v", err)
	}
	if err := tell(full, minute+1, ever); err != nil || !replayed(l, key(full), minute+1, n) {
		t.Errorf("in the place of one that is not used: %v", err)
	}
	if err := tell(full, minute+1, minute+2); err != nil || replayed(l, key(full), minute+2, n) {
		t.Errorf("it is known beyond what was said last: %v", err)
	}
	known := 0
	for i := range full {
		if replayed(l, key(i), minute+2, n) {
			known++
		}
	}
	if known != full-1 {
		t.Errorf("%d of %d made room for one", full-known, full)
	}
	if err := tell(full+1, ever, 2*ever); err != nil || !replayed(l, key(full+1), ever, n) {
		t.Errorf("in the place of one that has expired: %v", err)
	}
	if l.Remember(key(full+1), nil, encode(0, one{action: gate, name: perHour(1)}), nil, ever, 2*ever) == nil || replayed(l, key(full+1), ever, n) {
		t.Error("what was said before stands beside something malformed")
	}
}

// TestRecallBesideEachOther: lanes tell and use at the same time.
func TestRecallBesideEachOther(t *testing.T) {
	l := recalling(t, "x-a")
	var lanes sync.WaitGroup
	for range 4 {
		lanes.Go(func() {
			for i := range 5000 {
				f := alike("x-a", fmt.Sprint(i))
				if err := l.Remember(f, nil, encode(0), nil, int64(i)*int64(time.Second), 1<<62); err != nil && !errors.Is(err, edit.ErrNoRoom) {
					t.Error(err)
				}
				replayed(l, f, int64(i)*int64(time.Second), counts{})
			}
		})
	}
	lanes.Wait()
	if err := l.Remember(alike("x-a", "last"), nil, encode(0), nil, 1<<61, 1<<62); err != nil || !replayed(l, alike("x-a", "last"), 1<<61, counts{}) {
		t.Errorf("afterwards: %v", err)
	}
}

// TestRecallWithoutRoomAllocatesNothing: more keys than there is room for come in turn.
func TestRecallWithoutRoomAllocatesNothing(t *testing.T) {
	l := recalling(t, "x-a")
	told, room := encode(0, one{action: set, name: "x-b", value: text("1")}), make([]byte, 64)
	i := 0
	for l.Remember(alike("x-a", fmt.Sprint(i)), nil, told, room, 0, 1<<62) == nil {
		i++
	}
	f := alike("x-a", "new")
	if got := testing.AllocsPerRun(100, func() {
		if l.Remember(f, nil, told, room, 0, 1<<62) == nil {
			t.Fatal("remembered")
		}
	}); got > 0 {
		t.Errorf("%v allocations a stream", got)
	}
}

func FuzzRemember(f *testing.F) {
	f.Add(byFields("x-a"), encode(0, one{action: set, name: "x-b", value: text("1")}), "1")
	f.Fuzz(func(t *testing.T, declared, told []byte, value string) {
		var l edit.List
		if l.Recall(declared) != nil || !stream.ValidValue([]byte(value)) || l.Remember(alike("x-a", value), nil, told, nil, 0, 9) != nil {
			return
		}
		s := alike("x-a", value)
		replayed(&l, s, 1, counts{})
		for _, h := range s.request.Headers.Fields() {
			if strings.ContainsAny(string(h.Value), "\r\n\x00") {
				t.Fatalf("field %q: %q", h.Name, h.Value)
			}
		}
		if replayed(&l, alike("x-a", value+"1"), 1, counts{}) {
			t.Fatal("another value is taken for the same")
		}
	})
}

func TestRecallAllocatesNothing(t *testing.T) {
	l, n := recalling(t, "x-a"), counts{1: 0}
	if err := l.Remember(alike("x-a", "1"), nil, encode(0, one{action: set, name: "x-b", value: text("1")}), nil, 0, 9); err != nil {
		t.Fatal(err)
	}
	f, room := alike("x-a", "1"), edit.Room{Now: 1}
	run := func() {
		room.Memory, room.Left = room.Memory[:0], 1<<10
		if l.Apply(f, filter.PhaseRequestHeaders, &room, n) != edit.Spared {
			t.Fatal("not recalled")
		}
	}
	run()
	if got := testing.AllocsPerRun(100, run); got > 0 {
		t.Errorf("%v allocations a stream", got)
	}
}
