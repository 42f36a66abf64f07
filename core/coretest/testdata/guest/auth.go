package main

import (
	"strconv"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() {
	sdk.Register("auth", newAuth)
	sdk.Register("ticker", newTicker)
}

// auth lets those requests pass for which a cluster answers 200, and tells the
// upstream what that said in x-user. "then" is a second path to ask.
type auth struct {
	cluster, path, then string
	timeout             time.Duration
}

func newAuth(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	if err != nil {
		return nil, err
	}
	timeout, err := duration(c["timeout"])
	return &auth{c["cluster"], c["path"], c["then"], timeout}, err
}

func (a *auth) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	path := a.path + string(s.Path())
	return a.ask(s, path, func(r *sdk.CallResponse) {
		if a.then == "" || r.Status() != 200 {
			a.settle(s, r)
			return
		}
		a.ask(s, a.then, func(r *sdk.CallResponse) { a.settle(s, r) })
	})
}

func (a *auth) ask(s *sdk.Stream, path string, done func(*sdk.CallResponse)) sdk.Action {
	token, _ := s.Request().GetString("authorization")
	_, err := s.Call(sdk.Call{Cluster: a.cluster, Timeout: a.timeout, Headers: []sdk.Field{
		{Name: ":method", Value: "GET"}, {Name: ":path", Value: path}, {Name: ":authority", Value: "auth.internal"},
		{Name: "authorization", Value: token},
	}}, done)
	if err != nil {
		s.Reply(sdk.Reply{Status: 500, Body: "calling: " + err.Error()})
	}
	return sdk.Pause
}

func (a *auth) settle(s *sdk.Stream, r *sdk.CallResponse) {
	body, _ := r.Body()
	switch {
	case r.Failed:
		s.Reply(sdk.Reply{Status: 502, Body: "no answer"})
	case r.Status() == 200:
		user, _ := r.Headers().GetString("x-user")
		s.Request().Set("x-user", user)
		s.Request().Set("x-answer", strconv.Itoa(len(body)))
		s.ContinueRequest()
	default:
		s.Reply(sdk.Reply{Status: r.Status(), Body: "denied: " + string(body), Headers: []sdk.Field{{Name: "www-authenticate", Value: "Bearer"}}})
	}
}

// ticker asks a cluster on lane 0, by its timer, and shows requests the
// latest answer in x-ticked.
type ticker struct {
	cluster string
	asking  bool
}

func newTicker(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	if err != nil {
		return nil, err
	}
	if weir.Lane() == 0 {
		err = r.SetTick(10 * time.Millisecond)
	}
	return &ticker{cluster: c["cluster"]}, err
}

func (p *ticker) OnTick(r *sdk.Root) {
	weir.Increment("ticks-of-lane-"+strconv.Itoa(weir.Lane()), 1, 0)
	if p.asking {
		return
	}
	_, err := r.Call(sdk.Call{Cluster: p.cluster, Timeout: 5 * time.Second, Headers: []sdk.Field{
		{Name: ":method", Value: "GET"}, {Name: ":path", Value: "/tick"}, {Name: ":authority", Value: "keys.internal"},
	}}, func(a *sdk.CallResponse) {
		p.asking = false
		if body, err := a.Body(); err == nil && a.Status() == 200 {
			sdk.SharedSet("answer", string(body), 0)
		}
	})
	p.asking = err == nil
}

func (p *ticker) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	if v, _, err := sdk.SharedGet("answer"); err == nil {
		s.Request().SetBytes("x-ticked", v)
	}
	for lane := range 4 {
		if _, _, err := weir.Get("ticks-of-lane-" + strconv.Itoa(lane)); err == nil {
			s.Request().Add("x-ticking-lane", strconv.Itoa(lane))
		}
	}
	return sdk.Continue
}
