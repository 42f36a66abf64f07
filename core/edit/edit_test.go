package edit_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// The numbers of the encoding.
const (
	request, response, log = 0, 1, 2

	remove, set, add, addIfAbsent, setUnlessPlain, setProperty, replacePrefix, gate = 0, 1, 2, 3, 4, 5, 6, 7
	onlyIf, onlyUnless, spare                                                       = 9, 10, 11

	literal, field, answer, class, client, route, cluster, property, v7, v4 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
)

// one is an edit as a guest encodes it.
type one struct {
	phase, action, status uint32
	name, within          string
	value                 []part
}

type part struct {
	source uint32
	text   string
}

func text(s string) []part { return []part{{literal, s}} }

func encode(flags uint32, list ...one) []byte {
	b := words(1, flags, 1, 2)
	run := func(s string) { b = append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...) }
	for _, e := range list {
		b = append(b, words(e.phase|e.action<<8, e.status)...)
		run(e.name)
		run(e.within)
		b = append(b, words(uint32(len(e.value)))...)
		for _, p := range e.value {
			b = append(b, words(p.source)...)
			run(p.text)
		}
	}
	return b
}

func words(list ...uint32) (b []byte) {
	for _, w := range list {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// fake is a stream as far as edits see it.
type fake struct {
	filter.Stream
	info     stream.Info
	request  stream.RequestHead
	response *stream.ResponseHead
	set      map[string]string
}

func (f *fake) Info() *stream.Info             { return &f.info }
func (f *fake) Request() *stream.RequestHead   { return &f.request }
func (f *fake) Response() *stream.ResponseHead { return f.response }
func (f *fake) Property(path string) []byte {
	if v, ok := f.set[path]; ok {
		return []byte(v)
	}
	return nil
}
func (f *fake) SetProperty(path string, v []byte) {
	f.set[path] = string(v)
}

func newFake() *fake {
	f := &fake{set: map[string]string{"weir.identity": "ann"}, response: &stream.ResponseHead{Status: 404}}
	f.request = stream.RequestHead{Method: []byte("GET"), Path: []byte("/api/users?q=1"), Authority: []byte("a.example"), Scheme: []byte("http")}
	f.request.Headers.AddString("x-a", "1")
	f.request.Headers.AddString("x-b", "2")
	f.request.Headers.AddString("x-a", "3")
	f.response.Headers.AddString("server", "origin")
	f.info = stream.Info{Client: netip.MustParseAddr("192.0.2.7"), Route: "orders", Cluster: "blue"}
	return f
}

func (f *fake) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s", f.request.Method, f.request.Authority, f.request.Path)
	for _, h := range f.request.Headers.Fields() {
		fmt.Fprintf(&b, " %s=%s", h.Name, h.Value)
	}
	b.WriteString(" |")
	for _, h := range f.response.Headers.Fields() {
		fmt.Fprintf(&b, " %s=%s", h.Name, h.Value)
	}
	delete(f.set, "weir.identity")
	for k, v := range f.set {
		fmt.Fprintf(&b, " | %s=%s", k, v)
	}
	return b.String()
}

// counts are increments by id.
type counts map[uint32]int64

func (c counts) Increment(id uint32, n int64) error { c[id] += n; return nil }

const (
	uuid7 = `[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	uuid4 = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
)

func TestApply(t *testing.T) {
	const before, after = "GET a.example/api/users?q=1 x-a=1 x-b=2 x-a=3 |", " server=origin"
	for name, c := range map[string]struct {
		list          []one
		want          string // of both heads, an expression
		made, refused int64
	}{
		"remove":                   {list: []one{{action: remove, name: "x-a"}}, want: "GET a.example/api/users.q=1 x-b=2 . server=origin", made: 1},
		"remove what is not there": {list: []one{{action: remove, name: "x-c"}}, want: regexp.QuoteMeta(before) + after},
		"set":                      {list: []one{{action: set, name: "x-a", value: text("9")}}, want: ".* x-a=9 x-b=2 .*", made: 1},
		"set a new one":            {list: []one{{action: set, name: "x-c", value: text("9")}}, want: ".* x-a=3 x-c=9 .*", made: 1},
		"set to nothing":           {list: []one{{action: set, name: "x-a"}}, want: ".* x-a= x-b=2 .*", made: 1},
		"add":                      {list: []one{{action: add, name: "x-a", value: text("9")}}, want: ".* x-a=1 x-b=2 x-a=3 x-a=9 .*", made: 1},
		"add if absent, present":   {list: []one{{action: addIfAbsent, name: "x-a", value: text("9")}}, want: regexp.QuoteMeta(before) + after},
		"add if absent, absent":    {list: []one{{action: addIfAbsent, name: "x-c", value: text("9")}}, want: ".* x-c=9 .*", made: 1},
		"in order":                 {list: []one{{action: remove, name: "x-a"}, {action: add, name: "x-a", value: text("9")}}, want: ".* x-b=2 x-a=9 .*", made: 1},
		"a plain field is kept":    {list: []one{{action: setUnlessPlain, name: "x-b", value: text("9")}}, want: regexp.QuoteMeta(before) + after},
		"several are not":          {list: []one{{action: setUnlessPlain, name: "x-a", value: text("9")}}, want: "GET a.example/api/users.q=1 x-a=9 x-b=2 .*", made: 1},
		"another is not": {list: []one{{action: set, name: "x-c", value: text("a b")}, {action: setUnlessPlain, name: "x-c", value: []part{{v7, ""}}}},
			want: ".* x-c=" + uuid7 + " .*", made: 1},
		"sources": {list: []one{{action: set, name: "x-c", value: []part{{literal, "<"}, {field, "x-b"}, {client, ""}, {route, ""}, {cluster, ""}, {property, "weir.identity"}, {literal, ">"}}}},
			want: ".* x-c=<2192.0.2.7ordersblueann> .*", made: 1},
		"pseudo headers":          {list: []one{{action: set, name: "x-c", value: []part{{field, ":method"}, {field, ":path"}, {field, ":authority"}, {field, ":scheme"}}}}, want: ".* x-c=GET/api/users.q=1a.examplehttp .*", made: 1},
		"a uuid":                  {list: []one{{action: set, name: "x-c", value: []part{{v4, ""}}}}, want: ".* x-c=" + uuid4 + " .*", made: 1},
		"nothing known removes":   {list: []one{{action: set, name: "x-a", value: []part{{literal, "<"}, {field, "x-none"}}}}, want: "GET a.example/api/users.q=1 x-b=2 .*", made: 1},
		"nothing known adds none": {list: []one{{action: add, name: "x-c", value: []part{{field, "x-none"}}}}, want: regexp.QuoteMeta(before) + after},
		"a bad value leaves none": {list: []one{{action: set, name: "x-a", value: text("a\r\nx: y")}, {action: add, name: "x-b", value: text("\x00")}},
			want: "GET a.example/api/users.q=1 x-b=2 .*", refused: 2},
		"a bad id leaves none": {list: []one{{action: set, name: "x-a", value: text("a b")}, {action: setUnlessPlain, name: "x-a", value: text("\x7f")}},
			want: "GET a.example/api/users.q=1 x-b=2 .*", made: 1, refused: 1},
		"the response": {list: []one{{phase: response, action: set, name: "x-c", value: []part{{answer, ":status"}, {class, ""}, {answer, "server"}}}},
			want: ".*| server=origin x-c=4044xxorigin", made: 1},
		"by status":           {list: []one{{phase: response, status: 404, action: add, name: "x-c", value: text("1")}}, want: ".*| server=origin x-c=1", made: 1},
		"by class":            {list: []one{{phase: response, status: 4, action: add, name: "x-c", value: text("1")}}, want: ".*| server=origin x-c=1", made: 1},
		"by another status":   {list: []one{{phase: response, status: 403, action: remove, name: "server"}}, want: regexp.QuoteMeta(before) + after},
		"by another class":    {list: []one{{phase: response, status: 5, action: remove, name: "server"}}, want: regexp.QuoteMeta(before) + after},
		"by path":             {list: []one{{within: "/api/", action: remove, name: "x-a"}}, want: "GET a.example/api/users.q=1 x-b=2 .*", made: 1},
		"by another path":     {list: []one{{within: "/apiary", action: remove, name: "x-a"}}, want: regexp.QuoteMeta(before) + after},
		"a property":          {list: []one{{phase: log, action: setProperty, name: "log.a", value: []part{{field, "x-b"}}}}, want: regexp.QuoteMeta(before) + after + ".*log.a=2", made: 1},
		"an unknown property": {list: []one{{phase: log, action: setProperty, name: "log.a", value: []part{{field, "x-none"}}}}, want: regexp.QuoteMeta(before) + after},
		"strip":               {list: []one{{action: replacePrefix, name: "/api"}}, want: "GET a.example/users.q=1 x-a=1 .*", made: 1},
		"replace":             {list: []one{{action: replacePrefix, name: "/api/", value: text("/v2/x")}}, want: "GET a.example/v2/x/users.q=1 x-a=1 .*", made: 1},
		"replace all":         {list: []one{{action: replacePrefix, name: "/api/users"}}, want: "GET a.example/.q=1 x-a=1 .*", made: 1},
		"no segment":          {list: []one{{action: replacePrefix, name: "/ap", value: text("/v2")}}, want: regexp.QuoteMeta(before) + after},
		"the same":            {list: []one{{action: replacePrefix, name: "/api", value: text("/api")}}, want: regexp.QuoteMeta(before) + after},
		"no path":             {list: []one{{action: replacePrefix, name: "/api", value: text("/a b")}}, want: regexp.QuoteMeta(before) + after, refused: 1},
		"the authority":       {list: []one{{action: set, name: ":authority", value: []part{{route, ""}, {literal, ".internal"}}}}, want: "GET orders.internal/api.*", made: 1},
		"an unknown one stays": {list: []one{{action: set, name: ":authority", value: []part{{field, "x-none"}}}},
			want: regexp.QuoteMeta(before) + after},
		"a bad one": {list: []one{{action: set, name: ":authority", value: text("a b")}}, want: regexp.QuoteMeta(before) + after, refused: 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, strict := range []uint32{0, 1} {
				var l edit.List
				if err := l.Add(encode(strict, c.list...)); err != nil {
					t.Fatal(err)
				}
				f, n, fit := newFake(), counts{}, true
				room := edit.Room{Left: 1 << 10}
				for _, p := range []filter.Phases{filter.PhaseRequestHeaders, filter.PhaseResponseHeaders, filter.PhaseLog} {
					fit = l.Apply(f, p, &room, n) != edit.Refused && fit
				}
				if got := f.String(); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				if n[1] != c.made || n[2] != c.refused {
					t.Errorf("%d made, %d refused; want %d, %d", n[1], n[2], c.made, c.refused)
				}
				if want := strict == 0 || c.refused == 0; fit != want {
					t.Errorf("fit to go on: %v, want %v", fit, want)
				}
			}
		})
	}
}

func TestRoomIsBounded(t *testing.T) {
	var l edit.List
	if err := l.Add(encode(0, one{action: set, name: "x-c", value: text(strings.Repeat("v", 100))}, one{action: set, name: "x-d", value: text("v")})); err != nil {
		t.Fatal(err)
	}
	f, n := newFake(), counts{}
	f.request.Headers.AppendRaw([]byte("x-c"), []byte("the client's own"))
	l.Apply(f, filter.PhaseRequestHeaders, &edit.Room{Left: 100}, n)
	if n[2] != 2 || f.request.Headers.Has("x-c") || f.request.Headers.Has("x-d") {
		t.Errorf("%d refused, head %s", n[2], f)
	}
}
