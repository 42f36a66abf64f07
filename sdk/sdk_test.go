package sdk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// counting numbers the streams that a state has served.
type counting struct{ made int }

func (c *counting) NewStream() any {
	c.made++
	return &counted{}
}

type counted struct{ seen int }

func (c *counted) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	c.seen++
	if c.seen > 1 {
		sdk.Error("a state was not reset")
	}
	return sdk.Continue
}

func (c *counted) OnLog(s *sdk.Stream) {}

func (c *counted) Reset() { c.seen = 0 }

var made *counting

// all takes every head apart and together again.
type all struct{}

func (all) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	var fields []sdk.Field
	for name, value := range s.Request().All() {
		fields = append(fields, sdk.Field{Name: string(name), Value: strings.ToUpper(string(value))})
		if name := string(name); name[0] == ':' {
			fields[len(fields)-1].Value = string(value)
		}
	}
	s.Request().Replace(fields)
	for range s.Request().All() {
		break // an iterator can be left
	}
	return sdk.Continue
}

func init() {
	sdk.Register("counting", func(*sdk.Root) (sdk.Plugin, error) { made = &counting{}; return made, nil })
	sdk.Register("all", func(*sdk.Root) (sdk.Plugin, error) { return all{}, nil })
	sdk.Register("nothing", func(*sdk.Root) (sdk.Plugin, error) { return nil, nil })
}

func TestDeclaresThePhasesOfItsStreams(t *testing.T) {
	const requestHeaders, log = 1 << 0, 1 << 6
	if h := sdktest.New(t, "counting", ""); h.Phases() != requestHeaders|log || h.Stateless() {
		t.Errorf("a maker declares phases %b, stateless %v", h.Phases(), h.Stateless())
	}
	if h := sdktest.New(t, "all", ""); h.Phases() != requestHeaders || !h.Stateless() {
		t.Errorf("a plugin declares phases %b, stateless %v", h.Phases(), h.Stateless())
	}
}

func TestStatesAreUsedAgain(t *testing.T) {
	h := sdktest.New(t, "counting", "")
	for range 10 {
		h.Stream(sdktest.Request{}).Finish()
	}
	a, b := h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{})
	a.Finish()
	b.Finish()
	if made.made != 2 {
		t.Errorf("%d states were made for at most two streams at a time", made.made)
	}
	if len(h.Logs()) > 0 {
		t.Error(h.Logs())
	}
}

func TestAllAndReplace(t *testing.T) {
	s := sdktest.New(t, "all", "").Stream(sdktest.Request{Path: "/a", Headers: sdktest.H("x", "a", "x", "b", "y", "c")})
	if got := s.Upstream().Values("x"); !slices.Equal(got, []string{"A", "B"}) || s.Upstream().Get(":path") != "/a" {
		t.Errorf("upstream sees %v", s.Upstream().Headers())
	}
}

func TestWrongPlugins(t *testing.T) {
	for root, want := range map[string]string{
		"nothing": "the factory made no plugin",
		"missing": `no filter has the root id "missing"; the module holds "counting" "all" "nothing"`,
	} {
		h, ok := sdktest.Start(t, root, sdktest.Options{})
		if ok || len(h.Logs()) != 1 || !strings.Contains(h.Logs()[0], want) {
			t.Errorf("%s: taken: %v; log %q", root, ok, h.Logs())
		}
	}
}
