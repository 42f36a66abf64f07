package sdktest_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestTickLetsAStreamGo(t *testing.T) {
	var waiting uint32
	p := &probe{
		requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			waiting = s.ID()
			return sdk.Pause
		},
		tick: func(r *sdk.Root) {
			if err := (&sdk.Stream{}).Reply(sdk.Reply{Status: 200}); err != sdk.ErrBadArgument {
				t.Errorf("a reply from the root: %v", err)
			}
			s, ok := r.Enter(waiting)
			if !ok {
				return
			}
			s.Request().Set("x-waited", "yes")
			s.ContinueRequest()
		},
	}
	made = func(r *sdk.Root) (sdk.Plugin, error) { r.SetTick(time.Second); return p, nil }
	h, _ := sdktest.Start(t, "probe", sdktest.Options{})
	s := h.Stream(sdktest.Request{Body: "b"})
	if !s.Paused() {
		t.Fatal("the stream does not wait")
	}
	h.Advance(time.Second)
	if s.Paused() || s.Upstream().Get("x-waited") != "yes" || string(s.Upstream().Body) != "b" || !s.Upstream().End {
		t.Errorf("upstream sees %v %q", s.Upstream().Headers(), s.Upstream().Body)
	}
	s.Finish()
	h.Advance(time.Second) // it is gone: Enter answers false
}

func TestTickAnswersAStream(t *testing.T) {
	var waiting uint32
	p := &probe{
		requestHeaders: func(s *sdk.Stream, end bool) sdk.Action { waiting = s.ID(); return sdk.Pause },
		tick: func(r *sdk.Root) {
			if s, ok := r.Enter(waiting); ok {
				s.Reply(sdk.Reply{Status: 504, Body: "too late"})
			}
		},
	}
	made = func(r *sdk.Root) (sdk.Plugin, error) { r.SetTick(time.Second); return p, nil }
	h, _ := sdktest.Start(t, "probe", sdktest.Options{})
	s := h.Stream(sdktest.Request{})
	h.Advance(time.Second)
	if d := s.Downstream(); d.Status() != 504 || string(d.Body) != "too late" || s.Paused() {
		t.Errorf("the client got %v %q", d.Headers(), d.Body)
	}
}

func TestResumingWithinTheCallback(t *testing.T) {
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		s.ContinueRequest()
		return sdk.Pause
	}}
	if s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{}); s.Paused() || !s.Upstream().Passed() {
		t.Error("a resumed stream waits")
	}
}

func TestClose(t *testing.T) {
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		s.Close()
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{Body: "b"})
	if !s.Cut() || s.Upstream().Passed() || s.Paused() {
		t.Error("a closed stream goes on")
	}
}

func TestReplyAfterTheHeadCuts(t *testing.T) {
	p := &probe{responseBody: func(s *sdk.Stream, size int, end bool) sdk.Action {
		s.Reply(sdk.Reply{Status: 500})
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
	s.Respond(sdktest.Response{Body: "b"})
	if !s.Cut() || s.Local() || len(s.Downstream().Body) > 0 {
		t.Error("a response under way was answered anew")
	}
}

func TestReplyFromTheResponse(t *testing.T) {
	calls := 0
	p := &probe{responseHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		calls++
		s.Reply(sdk.Reply{Status: 502, Body: "bad"})
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
	s.Respond(sdktest.Response{Body: "upstream's"})
	if d := s.Downstream(); d.Status() != 502 || string(d.Body) != "bad" || calls != 1 || !s.Local() {
		t.Errorf("the client got %v %q after %d callbacks", d.Headers(), d.Body, calls)
	}
}

func TestAHeadThatCannotGoOnIsAnswered(t *testing.T) {
	for name, status := range map[string]int{":method": 503, ":path": 404, ":scheme": 200} {
		p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			s.Request().Del(name)
			return sdk.Continue
		}}
		s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
		s.Respond(sdktest.Response{})
		if got := s.Downstream().Status(); got != status {
			t.Errorf("without %s: %d, want %d", name, got, status)
		}
	}
	p := &probe{responseHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		s.Response().Del(":status")
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
	s.Respond(sdktest.Response{})
	if got := s.Downstream().Status(); got != 502 {
		t.Errorf("without :status: %d, want 502", got)
	}
}
