package main

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirproxy/weir/core/provider/kit"
)

// TestMemos: what proxies were told of a key they tell again, and Redis believes it
// where it has lost the key or part of its past; only there.
func TestMemos(t *testing.T) {
	for name, ask := range map[string]func(byte, int64, int64) kit.Ask{"bucket": ask, "window": window} {
		t.Run(name, func(t *testing.T) {
			s := startRedis(t)
			l := s.ledger()
			c := s.client()
			defer c.Close()
			memos := map[string][]byte{}
			say := func(member string, spent, want, units, left int64) {
				t.Helper()
				a := ask(1, spent, want)
				a.Memo = memos[member]
				r, err := l.Exchange(t.Context(), kit.Report{Member: member, Counts: time.Minute, Asks: []kit.Ask{a}})
				if err != nil {
					t.Fatal(err)
				}
				g := r.Grants[0]
				if g.Units != units || g.Left != left || len(g.Memo) == 0 || len(g.Memo) > 128 {
					t.Fatalf("%+v with memo %q, want %d units and %d left", g, g.Memo, units, left)
				}
				memos[member] = g.Memo
			}
			say("a", 0, 2, 2, 8)
			old := c.Dump(t.Context(), s.limit(c)).Val()
			say("b", 1, 2, 2, 5)
			say("c", 0, 0, 0, 5)
			say("a", -1, 0, 0, 6) // what others know is older, and is looked away from
			say("b", 0, 0, 0, 6)
			say("c", 0, 0, 0, 6)
			say("b", 3, 0, 0, 3)

			forget(t, c)
			say("a", 1, 1, 1, 4) // it had heard of 6
			say("b", 1, 0, 0, 0) // it had heard of 3: 2 were taken since, and now 1
			say("c", -2, 1, 1, 1)
			say("a", 0, 0, 0, 1)

			key := s.limit(c)
			if err := c.RestoreReplace(t.Context(), key, time.Hour, old).Err(); err != nil {
				t.Fatal(err)
			}
			say("d", 1, 0, 0, 7) // who has never heard of it cannot know
			say("c", 0, 0, 0, 0) // 1 was left, and 1 taken since
			say("a", 0, 1, 0, 0)

			forget(t, c)
			for member, memo := range map[string]string{"x": "nonsense", "y": "1 2 3", "z": "nan inf -inf 1e400", "u": "1 1 -1e15 0", "v": "1 1 0 99 99"} {
				memos[member] = []byte(memo)
				a := ask(byte(member[0]), 0, 1)
				a.Memo = memos[member]
				if r, err := l.Exchange(t.Context(), kit.Report{Member: member, Counts: time.Minute, Asks: []kit.Ask{a}}); err != nil || r.Grants[0].Left > 9 || r.Grants[0].Reset < 0 {
					t.Errorf("memo %q: %+v, %v", memo, r, err)
				}
			}
		})
	}
}

// limit is the one key of a limit that there is.
func (s *server) limit(c *redis.Client) string {
	s.t.Helper()
	for _, key := range s.keys() {
		if c.Type(context.Background(), key).Val() == "hash" {
			return key
		}
	}
	s.t.Fatal("there is no limit")
	return ""
}

func forget(t *testing.T, c *redis.Client) {
	t.Helper()
	if err := c.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// TestEpochs: a member whose epoch is another one is not counted until it has told,
// nor is one that has more to tell; and those are recent that asked of late.
func TestEpochs(t *testing.T) {
	s := startRedis(t)
	l := s.ledger()
	c := s.client()
	defer c.Close()
	epochs := map[string]uint64{}
	say := func(member string, counts, recent time.Duration, members, recently int) {
		t.Helper()
		r, err := l.Exchange(t.Context(), kit.Report{Member: member, Counts: counts, Epoch: epochs[member], RecentFor: recent})
		if err != nil || r.Members != members || r.Recent != recently || r.Epoch == 0 {
			t.Fatalf("%+v, %v; want %d members, %d of them recent", r, err, members, recently)
		}
		epochs[member] = r.Epoch
	}
	say("a", time.Minute, time.Hour, 1, 1)
	say("b", time.Minute, time.Hour, 2, 2)
	say("b", time.Minute, 0, 2, 1)
	say("c", 0, time.Hour, 3, 2)
	forget(t, c)
	was := epochs["a"]
	say("a", time.Minute, time.Hour, 1, 0)
	if epochs["a"] == was {
		t.Error("Redis has forgotten all, and its epoch is the same")
	}
	say("b", time.Minute, time.Hour, 1, 0)
	say("a", time.Minute, time.Hour, 1, 1)
	say("b", time.Minute, time.Hour, 2, 2)
}
