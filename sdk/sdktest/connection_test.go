package sdktest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// wire is a filter of connections that notes what happens, and does what a test gives
// it.
type wire struct {
	events               []string
	opened               func(s *sdk.Stream) sdk.Action
	downstream, upstream func(s *sdk.Stream, end bool) sdk.Action
	tick                 func(r *sdk.Root)
}

func (w *wire) note(format string, args ...any) {
	w.events = append(w.events, fmt.Sprintf(format, args...))
}

func (w *wire) OnNewConnection(s *sdk.Stream) sdk.Action {
	w.note("new")
	if w.opened == nil {
		return sdk.Continue
	}
	return w.opened(s)
}

func (w *wire) OnDownstreamData(s *sdk.Stream, size int, end bool) sdk.Action {
	b, err := s.Downstream().Bytes()
	w.note("down %d %q %v %v", size, b, end, err)
	if w.downstream == nil {
		return sdk.Continue
	}
	return w.downstream(s, end)
}

func (w *wire) OnUpstreamData(s *sdk.Stream, size int, end bool) sdk.Action {
	b, err := s.Upstream().Bytes()
	w.note("up %d %q %v %v", size, b, end, err)
	if w.upstream == nil {
		return sdk.Continue
	}
	return w.upstream(s, end)
}

func (w *wire) OnDownstreamClose(s *sdk.Stream, by sdk.Peer) { w.note("down closed %d", by) }
func (w *wire) OnUpstreamClose(s *sdk.Stream, by sdk.Peer)   { w.note("up closed %d", by) }
func (w *wire) OnLog(s *sdk.Stream)                          { w.note("log") }

func (w *wire) OnTick(r *sdk.Root) {
	if w.tick != nil {
		w.tick(r)
	}
}

func connections(t *testing.T, w *wire, o sdktest.Options) *sdktest.Host {
	t.Helper()
	made = func(r *sdk.Root) (sdk.Plugin, error) { return w, r.SetTick(time.Second) }
	h, ok := sdktest.Start(t, "probe", o)
	if !ok {
		t.Fatal(h.Logs())
	}
	return h
}

// TestConnectionSees: the callbacks of a connection's life, in order.
func TestConnectionSees(t *testing.T) {
	w := new(wire)
	c := connections(t, w, sdktest.Options{}).Connect(nil)
	c.Send("pi", false)
	c.Send("ng", true)
	c.Send("more", false) // its half has ended
	c.Respond("pong", false)
	c.Respond("", true)
	c.Finish()
	c.Finish()
	want := []string{"new", `down 2 "pi" false <nil>`, `down 2 "ng" true <nil>`, `up 4 "pong" false <nil>`, `up 0 "" true <nil>`,
		"up closed 0", "down closed 2", "log"}
	if !slices.Equal(w.events, want) {
		t.Errorf("%q, want %q", w.events, want)
	}
	if up, down := c.Upstream(), c.Downstream(); string(up.Body) != "ping" || !up.End || string(down.Body) != "pong" || !down.End {
		t.Errorf("%q to the upstream, %q to the client", up.Body, down.Body)
	}
}

// TestConnectionWaits: nothing is shown before a new connection may go on.
func TestConnectionWaits(t *testing.T) {
	w := new(wire)
	var waiting uint32
	w.opened = func(s *sdk.Stream) sdk.Action { waiting = s.ID(); return sdk.Pause }
	w.tick = func(r *sdk.Root) {
		if s, ok := r.Enter(waiting); ok {
			if err := s.ContinueDownstream(); err != nil {
				t.Error(err)
			}
		}
	}
	h := connections(t, w, sdktest.Options{})
	c := h.Connect(nil)
	c.Send("early", false)
	c.Respond("lost", false)
	if c.Connected() || !c.Paused() || len(w.events) != 1 {
		t.Errorf("it went on: %q", w.events)
	}
	h.Advance(time.Second)
	if !c.Connected() || c.Paused() || string(c.Upstream().Body) != "early" || len(c.Downstream().Body) > 0 {
		t.Errorf("%q to the upstream, %q to the client", c.Upstream().Body, c.Downstream().Body)
	}
}

// TestConnectionHoldsAndChanges: what is held is shown again with what comes, and
// passes changed.
func TestConnectionHoldsAndChanges(t *testing.T) {
	w := new(wire)
	w.downstream = func(s *sdk.Stream, end bool) sdk.Action {
		if !end {
			return sdk.Pause
		}
		if err := s.Downstream().Splice(0, 1, []byte("A")); err != nil {
			t.Error(err)
		}
		if err := s.Request().Set("x", "y"); err == nil {
			t.Error("a connection has no head")
		}
		return sdk.Continue
	}
	w.upstream = func(s *sdk.Stream, end bool) sdk.Action {
		if err := s.ContinueUpstream(); err != nil {
			t.Error(err)
		}
		return sdk.Pause // it was ended before it began
	}
	c := connections(t, w, sdktest.Options{}).Connect(nil)
	c.Send("a", false)
	c.Send("b", true)
	c.Respond("back", false)
	if !slices.Contains(w.events, `down 2 "ab" true <nil>`) || string(c.Upstream().Body) != "Ab" || string(c.Downstream().Body) != "back" {
		t.Errorf("%q: %q to the upstream, %q to the client", w.events, c.Upstream().Body, c.Downstream().Body)
	}
}

// TestConnectionCloses: what a filter closes goes nowhere.
func TestConnectionCloses(t *testing.T) {
	w := new(wire)
	w.downstream = func(s *sdk.Stream, _ bool) sdk.Action {
		if v, ok := sdk.Property("source", "address"); !ok || string(v) != "192.0.2.1:4000" {
			t.Errorf("%q, %v", v, ok)
		}
		if err := s.CloseConnection(); err != nil {
			t.Error(err)
		}
		return sdk.Continue
	}
	c := connections(t, w, sdktest.Options{}).Connect(map[string]string{"source.address": "192.0.2.1:4000"})
	c.Send("x", false)
	c.Send("y", false)
	c.Respond("z", false)
	c.Finish()
	want := []string{"new", `down 1 "x" false <nil>`, "down closed 1", "log"}
	if !c.Closed() || !slices.Equal(w.events, want) || len(c.Upstream().Body)+len(c.Downstream().Body) > 0 {
		t.Errorf("%q, want %q; closed %v", w.events, want, c.Closed())
	}
}

// TestConnectionElsewhere: another host cannot let an upstream's bytes go on.
func TestConnectionElsewhere(t *testing.T) {
	w := new(wire)
	w.upstream = func(s *sdk.Stream, _ bool) sdk.Action {
		if err := s.ContinueUpstream(); err != sdk.ErrUnimplemented {
			t.Errorf("%v", err)
		}
		return sdk.Pause
	}
	c := connections(t, w, sdktest.Options{Elsewhere: true}).Connect(nil)
	c.Respond("held", false)
	if !c.Paused() || len(c.Downstream().Body) > 0 {
		t.Errorf("the client got %q", c.Downstream().Body)
	}
}
