package sdktest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// probe is a filter that does what a test gives it.
type probe struct {
	requestHeaders  func(s *sdk.Stream, end bool) sdk.Action
	requestBody     func(s *sdk.Stream, size int, end bool) sdk.Action
	responseHeaders func(s *sdk.Stream, end bool) sdk.Action
	responseBody    func(s *sdk.Stream, size int, end bool) sdk.Action
	log             func(s *sdk.Stream)
	tick            func(r *sdk.Root)
	queue           func(r *sdk.Root, q sdk.Queue)
}

func (p *probe) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	if p.requestHeaders == nil {
		return sdk.Continue
	}
	return p.requestHeaders(s, end)
}

func (p *probe) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	if p.requestBody == nil {
		return sdk.Continue
	}
	return p.requestBody(s, size, end)
}

func (p *probe) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	if p.responseHeaders == nil {
		return sdk.Continue
	}
	return p.responseHeaders(s, end)
}

func (p *probe) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	if p.responseBody == nil {
		return sdk.Continue
	}
	return p.responseBody(s, size, end)
}

func (p *probe) OnLog(s *sdk.Stream) {
	if p.log != nil {
		p.log(s)
	}
}

func (p *probe) OnTick(r *sdk.Root) {
	if p.tick != nil {
		p.tick(r)
	}
}

func (p *probe) OnQueue(r *sdk.Root, q sdk.Queue) {
	if p.queue != nil {
		p.queue(r, q)
	}
}

// made is the probe that the next configuration makes.
var made func(r *sdk.Root) (sdk.Plugin, error)

func init() {
	sdk.Register("probe", func(r *sdk.Root) (sdk.Plugin, error) { return made(r) })
}

// start makes a host with p as its filter.
func start(t *testing.T, p *probe, o sdktest.Options) *sdktest.Host {
	t.Helper()
	made = func(*sdk.Root) (sdk.Plugin, error) { return p, nil }
	h, ok := sdktest.Start(t, "probe", o)
	if !ok {
		t.Fatal(h.Logs())
	}
	return h
}

func TestHeadsPassWithTheirChanges(t *testing.T) {
	p := &probe{
		requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			if !end || string(s.Method()) != "PUT" || string(s.Path()) != "/a?b=c" || string(s.Authority()) != "a.example" {
				t.Errorf("end %v, %s %s %s", end, s.Method(), s.Path(), s.Authority())
			}
			h := s.Request()
			h.Set("X-One", "1")
			h.Add("x-many", "c")
			h.Del("x-gone")
			h.Set(":path", "/new")
			h.Set("content-length", "999")
			return sdk.Continue
		},
		responseHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			if v, ok := s.Request().Get("x-one"); !ok || string(v) != "1" {
				t.Error("the request cannot be read in the response phase")
			}
			if err := s.Request().Set("x-late", "1"); err != sdk.ErrBadArgument {
				t.Errorf("changing a request that has gone: %v", err)
			}
			s.Response().Set(":status", "404")
			return sdk.Continue
		},
	}
	h := start(t, p, sdktest.Options{})
	s := h.Stream(sdktest.Request{Method: "PUT", Path: "/a?b=c", Authority: "a.example",
		Headers: sdktest.H("x-many", "a", "X-Many", "b", "x-gone", "1", "x-gone", "2")})
	up := s.Upstream()
	if got := up.Values("x-many"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("x-many %q", got)
	}
	if up.Has("x-gone") || up.Get("x-one") != "1" || up.Get(":path") != "/new" || up.Has("content-length") || !up.End {
		t.Errorf("upstream sees %v", up.Headers())
	}
	s.Respond(sdktest.Response{})
	if got := s.Downstream().Status(); got != 404 {
		t.Errorf("status %d", got)
	}
}

func TestRefusesWhatCannotStandInAHead(t *testing.T) {
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		h := s.Request()
		for _, f := range []sdk.Field{
			{Name: "x y", Value: "1"}, {Name: "", Value: "1"}, {Name: "x:", Value: "1"}, {Name: "x", Value: "a\r\nb: c"},
			{Name: "x", Value: "\x00"}, {Name: ":path", Value: "no-slash"}, {Name: ":path", Value: "/a b"},
			{Name: ":method", Value: "GE T"}, {Name: ":status", Value: "200"}, {Name: ":other", Value: "1"},
		} {
			if err := h.Set(f.Name, f.Value); err != sdk.ErrBadArgument {
				t.Errorf("setting %q to %q: %v", f.Name, f.Value, err)
			}
		}
		if err := s.Response().Set("x", "1"); err != sdk.ErrBadArgument {
			t.Errorf("changing a response that is not there: %v", err)
		}
		if err := s.Reply(sdk.Reply{Status: 100}); err != sdk.ErrBadArgument {
			t.Errorf("a reply of 100: %v", err)
		}
		if err := h.Set("x", "\xc3\xa9\t"); err != nil {
			t.Errorf("a value of obs-text: %v", err)
		}
		return sdk.Continue
	}}
	start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
}

func TestPausedBodyIsShownWhole(t *testing.T) {
	var sizes []int
	p := &probe{requestBody: func(s *sdk.Stream, size int, end bool) sdk.Action {
		sizes = append(sizes, size)
		if !end {
			return sdk.Pause
		}
		s.RequestBody().Prepend([]byte("<"))
		s.RequestBody().Append([]byte(">"))
		if err := s.RequestBody().Splice(1, 1, nil); err != sdk.ErrBadArgument {
			t.Errorf("a splice in the middle: %v", err)
		}
		s.RequestTrailers().Set("x-sum", "1")
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{Body: "ab", Open: true})
	if !s.Paused() || len(s.Upstream().Body) > 0 {
		t.Error("the first chunk was not held")
	}
	s.Send("cd", false)
	s.Send("", true)
	if got := string(s.Upstream().Body); got != "<abcd>" || !s.Upstream().End {
		t.Errorf("upstream's body %q", got)
	}
	if !slices.Equal(sizes, []int{2, 4, 4}) {
		t.Errorf("sizes %v", sizes)
	}
	if got := s.Upstream().Trailers(); len(got) != 1 || got[0].Name != "x-sum" {
		t.Errorf("trailers %v", got)
	}
}

func TestReplyPassesTheFilterOnce(t *testing.T) {
	responses := 0
	p := &probe{
		requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			s.Reply(sdk.Reply{Status: 403, Body: "no", Details: "not so", Headers: sdktest.H("x-why", "because")})
			s.Reply(sdk.Reply{Status: 500})
			return sdk.Continue
		},
		responseHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			responses++
			s.Response().Set("x-seen", "1")
			return sdk.Continue
		},
	}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{})
	d := s.Downstream()
	if !s.Local() || s.Upstream().Passed() || d.Status() != 403 || string(d.Body) != "no" || d.Get("x-why") != "because" ||
		d.Get("content-type") != "text/plain" || d.Get("x-seen") != "1" || s.Details() != "not_so" || responses != 1 {
		t.Errorf("replied %v %q %q after %d callbacks", d.Headers(), d.Body, s.Details(), responses)
	}
	s.Respond(sdktest.Response{Status: 200})
	if d.Status() != 403 {
		t.Error("an upstream answered after a local reply")
	}
}

func TestReplyToGRPC(t *testing.T) {
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		s.Reply(sdk.Reply{Status: 403, Body: "no"})
		return sdk.Continue
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{Headers: sdktest.H("content-type", "application/grpc+proto")})
	if d := s.Downstream(); d.Status() != 200 || d.Get("grpc-status") != "7" || d.Get("grpc-message") != "no" || len(d.Body) > 0 {
		t.Errorf("replied %v %q", d.Headers(), d.Body)
	}
}

func TestCallHoldsAndLetsGo(t *testing.T) {
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		call := sdk.Call{Cluster: "auth", Headers: sdktest.H(":method", "GET", ":path", "/", ":authority", "auth"), Timeout: time.Second}
		if _, err := s.Call(sdk.Call{Cluster: "other", Headers: call.Headers}, nil); err != sdk.ErrBadArgument {
			t.Errorf("a call to a cluster that is not granted: %v", err)
		}
		_, err := s.Call(call, func(r *sdk.CallResponse) {
			if r.Failed || r.Status() != 200 {
				s.Reply(sdk.Reply{Status: 503})
				return
			}
			body, _ := r.Body()
			s.Request().SetBytes("x-user", body)
			s.ContinueRequest()
		})
		if err != nil {
			t.Errorf("calling: %v", err)
		}
		return sdk.Pause
	}}
	h := start(t, p, sdktest.Options{Calls: []string{"auth"}})
	s := h.Stream(sdktest.Request{Body: "later"})
	if !s.Paused() || s.Upstream().Passed() {
		t.Fatal("the stream does not wait")
	}
	h.Calls()[0].Answer(sdktest.Response{Body: "ann"})
	if s.Paused() || s.Upstream().Get("x-user") != "ann" || string(s.Upstream().Body) != "later" {
		t.Errorf("upstream sees %v %q", s.Upstream().Headers(), s.Upstream().Body)
	}
	s = h.Stream(sdktest.Request{})
	h.Calls()[0].Fail()
	if s.Downstream().Status() != 503 {
		t.Errorf("after a failed call: status %d", s.Downstream().Status())
	}
	s = h.Stream(sdktest.Request{})
	s.Finish()
	h.Calls()[0].Answer(sdktest.Response{}) // nobody waits: no effect
}

func TestClockTicksAndSharedThings(t *testing.T) {
	var ticks []time.Time
	var items []string
	p := &probe{
		tick: func(r *sdk.Root) {
			ticks = append(ticks, sdk.Now())
			q, _ := sdk.ResolveQueue("", "q")
			q.Push("item")
		},
		queue: func(r *sdk.Root, q sdk.Queue) {
			v, err := q.Pop()
			if err != nil {
				t.Errorf("popping: %v", err)
			}
			items = append(items, string(v))
		},
	}
	made = func(r *sdk.Root) (sdk.Plugin, error) {
		r.SetTick(10 * time.Second)
		sdk.RegisterQueue("q")
		sdk.NewCounter("c").Add(2)
		sdk.NewGauge("g").Set(-3)
		sdk.NewHistogram("h").Observe(7)
		sdk.SharedSet("k", "v", 0)
		if _, cas, _ := sdk.SharedGet("k"); sdk.SharedSet("k", "w", cas+1) != sdk.ErrCASMismatch {
			t.Error("a stale compare-and-swap was taken")
		}
		if _, err := sdk.Foreign("nobody.knows", nil); err != sdk.ErrNotFound {
			t.Errorf("an unknown function: %v", err)
		}
		return p, nil
	}
	h, _ := sdktest.Start(t, "probe", sdktest.Options{})
	begin := h.Time()
	h.Advance(25 * time.Second)
	if len(ticks) != 2 || !ticks[1].Equal(begin.Add(20*time.Second)) || !h.Time().Equal(begin.Add(25*time.Second)) {
		t.Errorf("ticks %v", ticks)
	}
	if !slices.Equal(items, []string{"item", "item"}) {
		t.Errorf("items %q", items)
	}
	if h.Metric("c") != 2 || h.Metric("g") != -3 || !slices.Equal(h.Observations("h"), []int64{7}) {
		t.Errorf("metrics %v", h.MetricNames())
	}
}

func TestBytesAreSpoiltWhenTheCallbackEnds(t *testing.T) {
	var kept []byte
	p := &probe{requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
		kept = s.Path()
		return sdk.Continue
	}}
	start(t, p, sdktest.Options{}).Stream(sdktest.Request{Path: "/path"})
	if string(kept) == "/path" {
		t.Error("a value outlived its callback")
	}
}

func TestLogSeesBothHeadsAndChangesNothing(t *testing.T) {
	seen := ""
	p := &probe{log: func(s *sdk.Stream) {
		status, _ := s.Response().Get(":status")
		seen = string(s.Path()) + " " + string(status)
		if err := s.Response().Set("x", "1"); err != sdk.ErrBadArgument {
			t.Errorf("changing a response in the log phase: %v", err)
		}
		sdk.SetProperty("log.a", "b")
	}}
	s := start(t, p, sdktest.Options{}).Stream(sdktest.Request{Path: "/p"})
	s.Respond(sdktest.Response{Status: 201})
	s.Finish()
	s.Finish()
	if v, _ := s.Property("log.a"); seen != "/p 201" || v != "b" {
		t.Errorf("the log phase saw %q and set %q", seen, v)
	}
}

func TestRefusedConfigurationSaysWhy(t *testing.T) {
	made = func(r *sdk.Root) (sdk.Plugin, error) {
		return nil, errorText("the configuration " + string(r.Config()) + " is wrong")
	}
	h, ok := sdktest.Start(t, "probe", sdktest.Options{Config: "{}"})
	if ok || len(h.Logs()) != 1 || !strings.Contains(h.Logs()[0], `configuring filter "probe": the configuration {} is wrong`) {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }
