package sdktest_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// trailing sees trailers of both sides.
type trailing struct{ pause bool }

func (x *trailing) OnRequestTrailers(s *sdk.Stream) sdk.Action {
	s.RequestTrailers().Set("x-seen", "request")
	if x.pause {
		return sdk.Pause
	}
	return sdk.Continue
}

func (x *trailing) OnResponseTrailers(s *sdk.Stream) sdk.Action {
	s.ResponseTrailers().Add("x-seen", "response")
	s.ContinueRequest()
	return sdk.Continue
}

func TestTrailers(t *testing.T) {
	made = func(*sdk.Root) (sdk.Plugin, error) { return &trailing{}, nil }
	h, _ := sdktest.Start(t, "probe", sdktest.Options{})
	s := h.Stream(sdktest.Request{Body: "b", Trailers: sdktest.H("x-sum", "1")})
	if got := s.Upstream().Trailers(); len(got) != 2 || got[0].Value != "1" || got[1].Value != "request" || string(s.Upstream().Body) != "b" {
		t.Errorf("upstream's trailers %v", got)
	}
	s.Respond(sdktest.Response{Open: true})
	s.RespondMore("c", false)
	s.RespondTrailers(sdktest.H("x-sum", "2"))
	if got := s.Downstream().Trailers(); len(got) != 2 || got[1].Value != "response" || !s.Downstream().End {
		t.Errorf("downstream's trailers %v", got)
	}
}

func TestPausedTrailers(t *testing.T) {
	made = func(*sdk.Root) (sdk.Plugin, error) { return &trailing{pause: true}, nil }
	h, _ := sdktest.Start(t, "probe", sdktest.Options{})
	s := h.Stream(sdktest.Request{Open: true})
	s.Send("b", false)
	s.SendTrailers(sdktest.H("x-sum", "1"))
	if !s.Paused() || s.Upstream().End {
		t.Fatal("the trailers were not held")
	}
	s.Respond(sdktest.Response{Trailers: sdktest.H("a", "b")}) // an early response, which resumes
	h.Deliver()
	if s.Paused() || len(s.Upstream().Trailers()) != 2 {
		t.Errorf("upstream's trailers %v", s.Upstream().Trailers())
	}
}
