package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
)

func TestRefuses(t *testing.T) {
	fine := one{action: set, name: "x-a", value: text("1")}
	many := make([]one, 257)
	for i := range many {
		many[i] = fine
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":                    {nil, edit.ErrMalformed},
		"another version":            {words(2, 0, 0, 0), edit.ErrMalformed},
		"unknown flags":              {encode(2, fine), edit.ErrMalformed},
		"a cut":                      {encode(0, fine)[:30], edit.ErrMalformed},
		"a huge length":              {append(words(1, 0, 0, 0), words(0x100, 0, 1<<31)...), edit.ErrMalformed},
		"a huge count":               {append(words(1, 0, 0, 0), words(0x100, 0, 0, 0, 1<<31)...), edit.ErrMalformed},
		"an unknown phase":           {encode(0, one{phase: 3, action: set, name: "x"}), edit.ErrMalformed},
		"an unknown action":          {encode(0, one{action: 12, name: "x"}), edit.ErrMalformed},
		"an unknown source":          {encode(0, one{action: set, name: "x", value: []part{{10, ""}}}), edit.ErrMalformed},
		"a source without a name":    {encode(0, one{action: set, name: "x", value: []part{{field, ""}}}), edit.ErrMalformed},
		"no name":                    {encode(0, one{action: set}), edit.ErrMalformed},
		"an upper-case name":         {encode(0, one{action: set, name: "X-A"}), edit.ErrMalformed},
		"no token":                   {encode(0, one{action: set, name: "x a"}), edit.ErrMalformed},
		"host":                       {encode(0, one{action: set, name: "host"}), edit.ErrMalformed},
		"a pseudo header":            {encode(0, one{action: set, name: ":method"}), edit.ErrMalformed},
		"an authority of a response": {encode(0, one{phase: response, action: set, name: ":authority"}), edit.ErrMalformed},
		"adding an authority":        {encode(0, one{action: add, name: ":authority"}), edit.ErrMalformed},
		"a field in the log":         {encode(0, one{phase: log, action: set, name: "x-a"}), edit.ErrMalformed},
		"a status of a request":      {encode(0, one{status: 404, action: set, name: "x-a"}), edit.ErrMalformed},
		"an impossible status":       {encode(0, one{phase: response, status: 6, action: set, name: "x-a"}), edit.ErrMalformed},
		"a response in a request":    {encode(0, one{action: set, name: "x-a", value: []part{{answer, "server"}}}), edit.ErrMalformed},
		"a path of a response":       {encode(0, one{phase: response, action: replacePrefix, name: "/a"}), edit.ErrMalformed},
		"a relative prefix":          {encode(0, one{action: replacePrefix, name: "a"}), edit.ErrMalformed},
		"a prefix that is not fixed": {encode(0, one{action: replacePrefix, name: "/a", value: []part{{route, ""}}}), edit.ErrMalformed},
		"a relative condition":       {encode(0, one{within: "a", action: set, name: "x-a"}), edit.ErrMalformed},
		"a property of the host's":   {encode(0, one{phase: log, action: setProperty, name: "weir.cluster"}), edit.ErrMalformed},
		"the same in segments":       {encode(0, one{phase: log, action: setProperty, name: "weir\x00cluster"}), edit.ErrMalformed},
		"a long property":            {encode(0, one{phase: log, action: setProperty, name: strings.Repeat("p", 257)}), edit.ErrMalformed},
		"no rate":                    {encode(0, one{action: gate, name: "x"}), edit.ErrMalformed},
		"a gate of a response":       {encode(0, one{phase: response, action: gate, name: perHour(1)}), edit.ErrMalformed},
		"two gates":                  {encode(0, one{action: gate, name: perHour(1)}, one{action: gate, name: perHour(1)}), edit.ErrMalformed},
		"a question about nothing":   {encode(0, one{action: onlyIf, value: text("a")}), edit.ErrMalformed},
		"about no field":             {encode(0, one{action: onlyUnless, name: "X-A"}), edit.ErrMalformed},
		"about another pseudo field": {encode(0, one{phase: response, action: onlyIf, name: ":status"}), edit.ErrMalformed},
		"with values that are none":  {encode(0, one{action: onlyIf, name: "x-a", value: []part{{route, ""}}}), edit.ErrMalformed},
		"sparing the log":            {encode(0, one{phase: log, action: spare}), edit.ErrMalformed},
		"sparing by name":            {encode(0, one{action: spare, name: "x"}), edit.ErrMalformed},
		"sparing with a value":       {encode(0, one{action: spare, value: text("x")}), edit.ErrMalformed},
		"too many":                   {encode(0, many...), edit.ErrTooMany},
		"too much":                   {encode(0, one{action: set, name: "x-a", value: text(strings.Repeat("v", 64<<10))}), edit.ErrTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			var l edit.List
			if err := l.Add(c.b); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if l.Phases() != 0 {
				t.Error("something of it was kept")
			}
		})
	}
}

// FuzzAdd reads anything; what is taken can be carried out, within its room.
func FuzzAdd(f *testing.F) {
	f.Add(encode(0, one{action: set, name: "x-a", value: []part{{literal, "<"}, {field, "x-b"}, {v7, ""}}}))
	f.Add(encode(1, one{action: replacePrefix, name: "/api", value: text("/v2")}, one{phase: log, action: setProperty, name: "log.a"}))
	f.Add(encode(1, one{phase: response, status: 4, action: setUnlessPlain, name: "x-a", within: "/a", value: []part{{class, ""}}}))
	f.Add(encode(0, one{action: gate, name: perHour(1), value: []part{{literal, "k"}, {client, ""}}}))
	f.Add(encode(0, one{phase: response, action: onlyIf, name: "x-a", value: text("1")}, one{phase: response, action: spare}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var l edit.List
		if l.Add(b) != nil {
			return
		}
		s, room := newFake(), edit.Room{Left: 256, State: rates(t)}
		for _, p := range []filter.Phases{filter.PhaseRequestHeaders, filter.PhaseResponseHeaders, filter.PhaseLog} {
			l.Apply(s, p, &room, counts{})
		}
		for _, h := range append(s.request.Headers.Fields(), s.response.Headers.Fields()...) {
			if strings.ContainsAny(string(h.Value), "\r\n\x00") {
				t.Fatalf("field %q: %q", h.Name, h.Value)
			}
		}
		if p := string(s.request.Path); p[0] != '/' || strings.ContainsAny(p, " \r\n") {
			t.Fatalf("path %q", p)
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	var l edit.List
	if err := l.Add(encode(0, one{action: set, name: "x-a", value: []part{{client, ""}, {field, "x-b"}}}, one{action: setUnlessPlain, name: "x-id", value: []part{{v7, ""}}},
		one{action: replacePrefix, name: "/api"}, one{phase: response, action: add, name: "x-c", value: []part{{answer, ":status"}}})); err != nil {
		t.Fatal(err)
	}
	f, room, n := newFake(), edit.Room{}, counts{1: 0}
	path := []byte("/api/users")
	run := func() {
		room.Memory, room.Left = room.Memory[:0], 1<<10
		f.request.Headers.Reset()
		f.request.Path = path
		f.response.Headers.Reset()
		l.Apply(f, filter.PhaseRequestHeaders, &room, n)
		l.Apply(f, filter.PhaseResponseHeaders, &room, n)
	}
	run()
	if got := testing.AllocsPerRun(100, run); got > 0 {
		t.Errorf("%v allocations a stream", got)
	}
}
