package discovery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/weirproxy/weir/core/discovery"
)

// source is told what to tell.
type source struct {
	watches int
	to      func([]discovery.Endpoint)
	ctx     context.Context
	trouble error
}

func (s *source) Watch(ctx context.Context, service string, to func([]discovery.Endpoint)) error {
	if service == "bad" {
		return errors.New("what is that?")
	}
	s.watches++
	s.to, s.ctx = to, ctx
	return nil
}

func (s *source) Trouble(string) error { return s.trouble }

func list(addrs ...string) (out []discovery.Endpoint) {
	for _, a := range addrs {
		out = append(out, discovery.Endpoint{Addr: a})
	}
	return out
}

// told keeps what a subscription tells.
type told []string

func (t *told) hear(list []discovery.Endpoint) {
	text := ""
	for _, e := range list {
		text += e.Addr + " "
	}
	*t = append(*t, text)
}

func (t told) want(x *testing.T, want ...string) {
	x.Helper()
	if fmt.Sprintf("%q", t) != fmt.Sprintf("%q", told(want)) {
		x.Errorf("told %q, want %q", t, want)
	}
}

func subscribe(t *testing.T, r *discovery.Registry, to *told) *discovery.Subscription {
	t.Helper()
	s, err := r.Subscribe("src", "orders", to.hear)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func known(s *discovery.Subscription) bool {
	select {
	case <-s.Known():
		return true
	default:
		return false
	}
}

func TestSubscriptionsShareAWatch(t *testing.T) {
	r, src := discovery.NewRegistry(slog.New(slog.DiscardHandler)), new(source)
	r.Add("src", src)
	var a, b, c told
	one := subscribe(t, r, &a)
	if known(one) || !one.State().Changed.IsZero() {
		t.Error("something is known before the first answer")
	}
	src.to(list("x:1"))
	two := subscribe(t, r, &b)
	src.to(list("x:1")) // no change
	changed := two.State().Changed
	src.to(list("x:1", "y:1"))
	if src.watches != 1 || !known(one) || !known(two) || !two.State().Changed.After(changed) {
		t.Errorf("%d watches", src.watches)
	}
	one.Close()
	one.Close()
	src.to(nil)
	a.want(t, "x:1 ", "x:1 y:1 ")
	b.want(t, "x:1 ", "x:1 y:1 ", "")
	if src.ctx.Err() != nil {
		t.Error("the watch ended though somebody is subscribed")
	}
	two.Close()
	if src.ctx.Err() == nil {
		t.Error("the watch goes on though nobody is subscribed")
	}
	src.to(list("z:1")) // too late
	three := subscribe(t, r, &c)
	defer three.Close()
	if src.watches != 2 || known(three) {
		t.Error("what nobody kept is known")
	}
	b.want(t, "x:1 ", "x:1 y:1 ", "")
	c.want(t)
}

func TestEmptyFirstAnswerIsOne(t *testing.T) {
	r, src := discovery.NewRegistry(slog.New(slog.DiscardHandler)), new(source)
	r.Add("src", src)
	var a told
	s := subscribe(t, r, &a)
	defer s.Close()
	src.to(nil)
	a.want(t, "")
	if !known(s) {
		t.Error("an empty answer is none")
	}
}

func TestTooLongAList(t *testing.T) {
	r, src := discovery.NewRegistry(slog.New(slog.DiscardHandler)), new(source)
	r.Add("src", src)
	var a told
	s := subscribe(t, r, &a)
	defer s.Close()
	src.to(list("x:1"))
	src.to(make([]discovery.Endpoint, discovery.MaxEndpoints+1))
	a.want(t, "x:1 ")
}

func TestTroubleIsTold(t *testing.T) {
	r, src := discovery.NewRegistry(slog.New(slog.DiscardHandler)), new(source)
	r.Add("src", src)
	var a told
	s := subscribe(t, r, &a)
	defer s.Close()
	src.trouble = errors.New("deaf")
	if d := s.State(); d.Err != src.trouble || d.Service != "orders" {
		t.Errorf("%+v", d)
	}
}

func TestNoSuchSource(t *testing.T) {
	r := discovery.NewRegistry(slog.New(slog.DiscardHandler))
	r.Add("src", new(source))
	for name, want := range map[string]string{
		"gone": `discovering "bad": there is no source "gone"`,
		"src":  `discovering "bad": asking src: what is that?`,
	} {
		if _, err := r.Subscribe(name, "bad", nil); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestReplacedSource: who is subscribed stays with the old one.
func TestReplacedSource(t *testing.T) {
	r, one, two := discovery.NewRegistry(slog.New(slog.DiscardHandler)), new(source), new(source)
	r.Add("src", one)
	var a, b told
	defer subscribe(t, r, &a).Close()
	r.Add("src", two)
	defer subscribe(t, r, &b).Close()
	one.to(list("x:1"))
	two.to(list("y:1"))
	a.want(t, "x:1 ")
	b.want(t, "y:1 ")
}
