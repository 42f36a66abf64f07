package main

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/weirproxy/weir/core/provider/kit"
)

//go:embed limits.lua
var limitsText string

//go:embed members.lua
var membersText string

var (
	limits  = redis.NewScript(limitsText)
	members = redis.NewScript(membersText)
)

// ledger is limits and members in Redis.
type ledger struct {
	redis  redis.UniversalClient
	prefix string
}

func newLedger(r redis.UniversalClient, prefix string) *ledger { return &ledger{r, prefix} }

// groups is over how many hash slots of a cluster keys are spread. A script has
// keys of one slot alone.
const groups = 16

// Exchange implements kit.Store, in one round trip but where Redis has lost the
// scripts.
func (l *ledger) Exchange(ctx context.Context, r kit.Report) (kit.Reply, error) {
	calls := l.calls(&r)
	pending := calls
	for try := range 2 {
		said, err := l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, c := range pending {
				if try == 0 {
					c.script.EvalSha(ctx, p, c.keys, c.args...)
				} else {
					c.script.Eval(ctx, p, c.keys, c.args...)
				}
			}
			return nil
		})
		if len(said) != len(pending) {
			return kit.Reply{}, reason(err)
		}
		// Where there is no connection, commands may have neither an answer nor an error.
		if err != nil && !slices.ContainsFunc(said, func(a redis.Cmder) bool { return a.Err() != nil }) {
			return kit.Reply{}, reason(err)
		}
		var lost []*call
		for i, a := range said {
			c := pending[i]
			c.answer, c.err = a.(*redis.Cmd).Result()
			if c.err != nil && redis.HasErrorPrefix(c.err, "NOSCRIPT") {
				lost = append(lost, c) // and so it was not done
			}
		}
		if pending = lost; len(lost) == 0 {
			break
		}
	}
	return read(calls, len(r.Asks))
}

// call is one script with its keys, and what it answered.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
	places []int // of the asks
	answer any
	err    error
}

// calls are one for each group of keys, and then the members': who is counted has
// told.
func (l *ledger) calls(r *kit.Report) (list []*call) {
	var of [groups]*call
	for i := range r.Asks {
		a := &r.Asks[i]
		group := a.Key[0] % groups
		c := of[group]
		if c == nil {
			c = &call{script: limits}
			of[group] = c
			list = append(list, c)
		}
		algorithm := 0
		if a.Rate.Algorithm == kit.SlidingWindow {
			algorithm = 1
		}
		c.keys = append(c.keys, fmt.Sprintf("%s:{%x}:%s", l.prefix, group, hex.EncodeToString(a.Key[:])))
		c.args = append(c.args, algorithm, a.Rate.Limit, max(1, a.Rate.Period.Microseconds()), a.Rate.Burst, a.Spent, a.Want, a.Memo)
		c.places = append(c.places, i)
	}
	return append(list, &call{
		script: members, keys: []string{l.prefix + ":{members}", l.prefix + ":{members}:epoch"},
		args: []any{r.Member, r.Counts.Microseconds(), r.Epoch, r.RecentFor.Microseconds()},
	})
}
