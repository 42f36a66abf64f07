package main

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

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

// numbers is how many a script answers for each key.
const numbers = 4

// Exchange implements kit.Store, in one round trip but where Redis has lost the
// scripts.
func (l *ledger) Exchange(ctx context.Context, member string, counts time.Duration, asks []kit.Ask) (int, []kit.Grant, error) {
	calls := l.calls(member, counts, asks)
	pending := calls
	for try := range 2 {
		answers, err := l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, c := range pending {
				if try == 0 {
					c.script.EvalSha(ctx, p, c.keys, c.args...)
				} else {
					c.script.Eval(ctx, p, c.keys, c.args...)
				}
			}
			return nil
		})
		if len(answers) != len(pending) {
			return 0, nil, fmt.Errorf("asking Redis: %w", err)
		}
		var lost []*call
		for i, a := range answers {
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
	return read(calls, len(asks))
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

// calls are the members' first, then one for each group of keys.
func (l *ledger) calls(member string, counts time.Duration, asks []kit.Ask) []*call {
	list := []*call{{script: members, keys: []string{l.prefix + ":{members}"}, args: []any{member, counts.Microseconds()}}}
	var of [groups]*call
	for i := range asks {
		a := &asks[i]
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
		c.args = append(c.args, algorithm, a.Rate.Limit, max(1, a.Rate.Period.Microseconds()), a.Rate.Burst, a.Spent, a.Want)
		c.places = append(c.places, i)
	}
	return list
}

// read makes grants of the answers.
func read(calls []*call, asks int) (int, []kit.Grant, error) {
	grants := make([]kit.Grant, asks)
	for _, c := range calls {
		if c.err != nil {
			return 0, nil, fmt.Errorf("asking Redis: %s", strings.TrimSpace(c.err.Error()))
		}
	}
	n, ok := calls[0].answer.(int64)
	if !ok || n < 1 {
		return 0, nil, fmt.Errorf("asking Redis: it counts %v members", calls[0].answer)
	}
	for _, c := range calls[1:] {
		list, ok := c.answer.([]any)
		if !ok || len(list) != numbers*len(c.keys) {
			return 0, nil, fmt.Errorf("asking Redis: %T of %d is no answer for %d keys", c.answer, len(list), len(c.keys))
		}
		for i, place := range c.places {
			var v [numbers]int64
			for k := range v {
				if v[k], ok = list[i*numbers+k].(int64); !ok {
					return 0, nil, fmt.Errorf("asking Redis: %T is no number", list[i*numbers+k])
				}
			}
			grants[place] = kit.Grant{Units: v[0], Left: v[1], Retry: microseconds(v[2]), Reset: microseconds(v[3])}
		}
	}
	return int(n), grants, nil
}

// microseconds is a time that Redis told: one that is too long for us is too long
// for Weir, too, which then does not believe it.
func microseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Microsecond)
	return time.Duration(min(max(n, -most), most)) * time.Microsecond
}
