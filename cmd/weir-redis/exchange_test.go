package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/provider/kit"
	"github.com/weirproxy/weir/core/state"
)

func ask(key byte, spent, want int64) kit.Ask {
	return kit.Ask{Key: [16]byte{key}, Rate: state.Rate{Limit: 10, Period: 240 * time.Hour, Burst: 10}, Spent: spent, Want: want}
}

func window(key byte, spent, want int64) kit.Ask {
	a := ask(key, spent, want)
	a.Rate.Algorithm, a.Rate.Burst = state.SlidingWindow, 0
	return a
}

func (s *server) ledger() *ledger {
	s.t.Helper()
	l, err := connect(settings{Address: "unix:" + s.socket, Password: password, Prefix: "test"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.redis.Close() })
	return l
}

// TestExchange asks a real Redis, one exchange after the other.
func TestExchange(t *testing.T) {
	s := startRedis(t)
	l := s.ledger()
	for i, c := range []struct {
		member  string
		asks    []kit.Ask
		members int
		units   []int64
		left    []int64
	}{
		{"a", nil, 1, nil, nil},
		{"b", []kit.Ask{ask(1, 0, 4), window(2, 0, 4)}, 2, []int64{4, 4}, []int64{6, 6}},
		{"a", []kit.Ask{window(2, 3, 9), ask(1, 3, 9)}, 2, []int64{3, 3}, []int64{0, 0}},
		{"a", []kit.Ask{ask(1, -2, 1), window(2, -2, 1)}, 2, []int64{1, 1}, []int64{1, 1}},
		{"a", []kit.Ask{ask(1, 6, 1), window(2, 6, 1), ask(3, 0, 0)}, 2, []int64{0, 0, 0}, []int64{0, 0, 10}},
		{"b", []kit.Ask{ask(1, -4, 5), window(2, -4, 5)}, 2, []int64{0, 0}, []int64{0, 0}}, // of a debt of 5
		{"b", []kit.Ask{ask(1, -2, 5), window(2, -2, 5)}, 2, []int64{1, 1}, []int64{0, 0}},
		{"b", []kit.Ask{ask(4, math.MaxInt64, 5), window(5, math.MinInt64, math.MaxInt64)}, 2, []int64{0, 10}, []int64{0, 0}},
		{"b", []kit.Ask{ask(4, -21, 5)}, 2, []int64{5}, []int64{5}}, // a debt is at most a bucket
	} {
		r, err := l.Exchange(t.Context(), kit.Report{Member: c.member, Counts: time.Minute, Asks: c.asks})
		if err != nil || r.Members != c.members || len(r.Grants) != len(c.asks) || r.Epoch == 0 {
			t.Fatalf("exchange %d: %+v, %v", i, r, err)
		}
		for k, g := range r.Grants {
			if g.Units != c.units[k] || g.Left != c.left[k] || g.Left == 0 != (g.Retry > 0) || g.Reset < 0 {
				t.Errorf("exchange %d, ask %d: %+v, want %d units, %d left", i, k, g, c.units[k], c.left[k])
			}
		}
	}
	c := s.client()
	defer c.Close()
	for _, key := range s.keys() {
		if ttl := c.TTL(t.Context(), key).Val(); ttl <= 0 || ttl > 481*time.Hour {
			t.Errorf("%s lives for %v", key, ttl)
		}
	}
	if err := c.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if r, err := l.Exchange(t.Context(), kit.Report{Member: "a", Counts: time.Minute, Asks: []kit.Ask{ask(9, 0, 3)}}); err != nil || r.Grants[0].Units != 3 || r.Grants[0].Left != 7 {
		t.Errorf("Redis has lost the scripts: %+v, %v", r, err)
	}
}

// TestMembersLeave: who does not ask any more does not count.
func TestMembersLeave(t *testing.T) {
	l := startRedis(t).ledger()
	if r, err := l.Exchange(t.Context(), kit.Report{Member: "a", Counts: time.Minute}); err != nil || r.Members != 1 {
		t.Fatalf("%d members, %v", r.Members, err)
	}
	if r, err := l.Exchange(t.Context(), kit.Report{Member: "b", Counts: time.Microsecond}); err != nil || r.Members != 1 {
		t.Fatalf("%d members, %v", r.Members, err)
	}
}

// TestManyAsks: as many as Weir ever asks at once, over all hash tags.
func TestManyAsks(t *testing.T) {
	l := startRedis(t).ledger()
	asks := make([]kit.Ask, state.MaxAsks)
	for i := range asks {
		asks[i] = ask(byte(i), 0, 1)
		asks[i].Key[1] = byte(i >> 8)
	}
	r, err := l.Exchange(t.Context(), kit.Report{Member: "a", Counts: time.Minute, Asks: asks})
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range r.Grants {
		if g.Units != 1 || g.Left != 9 {
			t.Fatalf("grant %d: %+v", i, g)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for config, want := range map[string]string{
		`{"adress":"x"}`:                           `unknown field "adress"`,
		`{"address":"redis"}`:                      `address is "redis", want "host:port"`,
		`{"address":"a:1","addresses":["b:2"]}`:    "remove one of the two",
		`{"addresses":["a:1","b:2"]}`:              "give cluster = true or master",
		`{"address":"unix:s"}`:                     `want "unix:/path", and alone`,
		`{"cluster":true,"database":1}`:            "database 0 alone",
		`{"database":-1}`:                          "below 0",
		`{"cluster":true,"master":"m"}`:            "remove one of the two",
		`{"prefix":"a{b"}`:                         "without braces",
		`{"prefix":""}`:                            "want 1 to 64 bytes",
		`{"roots":"x.pem"}`:                        "give tls = true",
		`{"tls":true,"roots":"none.pem"}`:          "no such file",
		`{"tls":true,"roots":"main.go"}`:           "has no certificate",
		`{"tls":true,"cert":"none.pem","key":"k"}`: "no such file",
	} {
		if _, err := configure(t.Context(), []byte(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}
