package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("share", newShare) }

// served is what this instance has served since it began.
var served int

// share counts requests three ways (the host's increment, compare-and-swap,
// the instance's memory) and shows them in x-counts. "push" and "pop" name a
// queue to put each path into, and one whose items it counts.
type share struct {
	name string
	push sdk.Queue
	has  bool
}

func newShare(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	if err != nil {
		return nil, err
	}
	if c["refuse"] != "" {
		return nil, refusal(c["refuse"])
	}
	p := &share{name: c["name"]}
	if c["pop"] != "" {
		if _, err := sdk.RegisterQueue(c["pop"]); err != nil {
			return nil, err
		}
	}
	if c["push"] != "" {
		p.has = true
		if p.push, err = sdk.RegisterQueue(c["push"]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

type refusal string

func (r refusal) Error() string { return string(r) }

func (p *share) OnQueue(r *sdk.Root, q sdk.Queue) {
	for {
		if _, err := q.Pop(); err != nil {
			return
		}
		weir.Increment("popped", 1, 0)
	}
}

func (p *share) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	served++
	n, err := weir.Increment("requests", 1, 0)
	if err != nil {
		panic("incrementing: " + err.Error())
	}
	if p.has {
		if err := p.push.Push(string(s.Path())); err != nil {
			panic("pushing: " + err.Error())
		}
	}
	popped, _ := weir.Increment("popped", 0, 0)
	s.Request().Add("x-counts", p.name+" host="+strconv.FormatInt(n, 10)+" swap="+strconv.Itoa(swap())+
		" instance="+strconv.Itoa(served)+" popped="+strconv.FormatInt(popped, 10))
	return sdk.Continue
}

// swap adds one by compare-and-swap.
func swap() int {
	for {
		v, cas, err := sdk.SharedGet("swapped")
		if err == sdk.ErrNotFound {
			v, cas = []byte("0"), 0
		}
		n, err := strconv.Atoi(string(v))
		if err != nil {
			panic("reading: " + err.Error())
		}
		switch err := sdk.SharedSet("swapped", strconv.Itoa(n+1), cas); err {
		case nil:
			return n + 1
		case sdk.ErrCASMismatch:
		default:
			panic("setting: " + err.Error())
		}
	}
}

// Close tells the log that a configuration is over.
func (p *share) Close(r *sdk.Root) { sdk.Info("the end of ", p.name) }
