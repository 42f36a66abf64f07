package edit_test

import (
	"testing"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
)

// TestGuard asks whether a callback is spared behind a question about a request with
// the fields x-a (1, and 3), x-b and x-empty.
func TestGuard(t *testing.T) {
	for name, c := range map[string]struct {
		question one
		holds    bool
	}{
		"the value":               {one{action: onlyIf, name: "x-b", value: text("2")}, true},
		"one of several":          {one{action: onlyIf, name: "x-b", value: []part{{literal, "1"}, {literal, "2"}}}, true},
		"another":                 {one{action: onlyIf, name: "x-b", value: text("20")}, false},
		"the first value":         {one{action: onlyIf, name: "x-a", value: text("1")}, true},
		"a later value":           {one{action: onlyIf, name: "x-a", value: text("3")}, false},
		"it is there":             {one{action: onlyIf, name: "x-a"}, true},
		"it is empty":             {one{action: onlyIf, name: "x-empty"}, true},
		"empty is a value":        {one{action: onlyIf, name: "x-empty", value: text("")}, true},
		"it is not there":         {one{action: onlyIf, name: "x-c"}, false},
		"nothing is not empty":    {one{action: onlyIf, name: "x-c", value: text("")}, false},
		"the method":              {one{action: onlyIf, name: ":method", value: text("GET")}, true},
		"not the method":          {one{action: onlyUnless, name: ":method", value: text("GET")}, false},
		"another method":          {one{action: onlyUnless, name: ":method", value: text("OPTIONS")}, true},
		"unless it is there":      {one{action: onlyUnless, name: "x-a"}, false},
		"unless it is, it is not": {one{action: onlyUnless, name: "x-c"}, true},
		"elsewhere nobody asks":   {one{action: onlyIf, name: "x-c", within: "/other"}, true},
	} {
		for _, phase := range []uint32{request, response} {
			c.question.phase = phase
			var l edit.List
			if err := l.Add(encode(0, c.question, one{phase: phase, action: set, name: "x-held", value: text("1")}, one{phase: phase, action: spare})); err != nil {
				t.Fatal(name, err)
			}
			f, n := newFake(), counts{}
			f.request.Headers.AddString("x-empty", "")
			at, head := filter.PhaseRequestHeaders, &f.request.Headers
			if phase == response {
				at, head = filter.PhaseResponseHeaders, &f.response.Headers
			}
			spared := l.Apply(f, at, &edit.Room{Left: 100}, n) == edit.Spared
			if spared != c.holds || head.Has("x-held") != c.holds || n[1] != map[bool]int64{true: 1}[c.holds] {
				t.Errorf("%s, phase %d: spared %v, field %v, %d counted", name, phase, spared, head.Has("x-held"), n[1])
			}
		}
	}
}

// TestGuardEndsItsGroupAlone: what another call has declared is made all the same.
func TestGuardEndsItsGroupAlone(t *testing.T) {
	var l edit.List
	for _, b := range [][]byte{
		encode(0, one{action: onlyIf, name: "x-c"}, one{action: spare}),
		encode(0, one{action: set, name: "x-held", value: text("1")}),
	} {
		if err := l.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	f := newFake()
	if got := l.Apply(f, filter.PhaseRequestHeaders, &edit.Room{Left: 100}, counts{}); got != edit.Made || !f.request.Headers.Has("x-held") {
		t.Errorf("outcome %d, head %s", got, f)
	}
}
