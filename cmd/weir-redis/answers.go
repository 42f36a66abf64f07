package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/provider/kit"
)

// answers is how many a script gives for each key: numbers, and a memo.
const answers = 5

// read makes a reply of the answers.
func read(calls []*call, asks int) (kit.Reply, error) {
	r := kit.Reply{Grants: make([]kit.Grant, asks)}
	for _, c := range calls {
		if c.err != nil {
			return r, reason(c.err)
		}
	}
	limits, last := calls[:len(calls)-1], calls[len(calls)-1]
	n, _ := last.numbers(0, 3)
	if n == nil || n[0] < 1 || n[0] > math.MaxInt32 || n[1] < 0 || n[1] > n[0] || n[2] < 1 {
		return r, fmt.Errorf("asking Redis: %s is no count of members", brief(fmt.Sprint(last.answer)))
	}
	r.Members, r.Recent, r.Epoch = int(n[0]), int(n[1]), uint64(n[2])
	for _, c := range limits {
		if list, ok := c.answer.([]any); !ok || len(list) != answers*len(c.keys) {
			return r, fmt.Errorf("asking Redis: %T of %d is no answer for %d keys", c.answer, len(list), len(c.keys))
		}
		for i, place := range c.places {
			v, memo := c.numbers(i*answers, answers-1)
			if v == nil {
				return r, errors.New("asking Redis: its answer has other things than numbers and a memo")
			}
			r.Grants[place] = kit.Grant{Units: v[0], Left: v[1], Retry: microseconds(v[2]), Reset: microseconds(v[3]), Memo: []byte(memo)}
		}
	}
	return r, nil
}

// numbers are n of an answer's list, from one on, and the text behind them, if there
// is one. They are nil where the list is another one.
func (c *call) numbers(from, n int) (v []int64, text string) {
	list, _ := c.answer.([]any)
	if len(list) < from+n {
		return nil, ""
	}
	v = make([]int64, n)
	for i, a := range list[from : from+n] {
		var ok bool
		if v[i], ok = a.(int64); !ok {
			return nil, ""
		}
	}
	if len(list) > from+n {
		var ok bool
		if text, ok = list[from+n].(string); !ok {
			return nil, ""
		}
	}
	return v, text
}

// reason is an error as it is told, with a remedy.
func reason(err error) error {
	text, remedy := brief(err.Error()), ""
	// Redis ends a long command of one that it does not know, and may not say NOAUTH.
	if strings.Contains(text, "NOAUTH") || strings.Contains(text, "unauthenticated") {
		remedy = ": it wants a password; give one in the provider's config"
	}
	return fmt.Errorf("asking Redis: %s%s", text, remedy)
}

// brief is the beginning of what may be endless.
func brief(text string) string {
	const most = 200
	if text = strings.TrimSpace(text); len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// microseconds is a time that Redis told: one that is too long for us is too long
// for Weir, too, which then does not believe it.
func microseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Microsecond)
	return time.Duration(min(max(n, -most), most)) * time.Microsecond
}
