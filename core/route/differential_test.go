package route_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// regexes and what each begins with.
var regexes = map[string]string{
	"/a/.*": "/a/", "/a(/b)?": "/a", "/(a|b)/[ab]*": "/", "(?i)/A/B": "", ".*b": "", "/ab?": "/a", "^/a/b$": "/a/b",
	"(/b/)a+": "/b/a", "/b/a|/b/ab": "/b/a", "(?:/b/a)+": "/b/a", "/a/b/(.+)": "/a/b/", "/?[ab]*": "",
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// someOf is a part of a list, in its order.
func someOf(r *rand.Rand, list ...string) (some []string) {
	for _, s := range list {
		if r.IntN(3) == 0 {
			some = append(some, s)
		}
	}
	return some
}

func randomPath(r *rand.Rand, segments ...string) string {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		b.WriteString("/" + pick(r, segments...))
	}
	return b.String()
}

func randomRoute(r *rand.Rand) config.Route {
	m := config.Match{Hosts: someOf(r, "a.test", "x.a.test", "*.test", "*.a.test", "*")}
	switch r.IntN(6) {
	case 0:
		m.Path = randomPath(r, "a", "b", "")
	case 1:
		m.PathPrefix = randomPath(r, "a", "b", "")
	case 2, 3:
		m.PathTemplate = randomPath(r, "a", "b", "{}", "{}", "")
		for i := 0; strings.Contains(m.PathTemplate, "{}"); i++ {
			m.PathTemplate = strings.Replace(m.PathTemplate, "{}", fmt.Sprintf("{p%d}", i), 1)
		}
		if r.IntN(2) == 0 || !strings.Contains(m.PathTemplate, "{") {
			m.PathTemplate += "/{rest...}"
		}
	case 4:
		m.PathRegex = pick(r, slices.Sorted(maps.Keys(regexes))...)
	}
	if r.IntN(3) == 0 {
		m.Methods = someOf(r, "GET", "POST")
	}
	if r.IntN(3) == 0 {
		m.Headers = map[string]string{pick(r, "h", "X-I"): pick(r, "1", "*", "!", "~[12]", "")}
	}
	if r.IntN(3) == 0 {
		m.Query = map[string]string{pick(r, "q", "s p"): pick(r, "1", "*", "!", "~1 ?2", "")}
	}
	return config.Route{Match: m}
}

func randomRequest(r *rand.Rand) *stream.RequestHead {
	h := &stream.RequestHead{
		Method:    []byte(pick(r, "GET", "POST", "PUT")),
		Authority: []byte(pick(r, "a.test", "A.test:80", "x.a.test", "y.x.A.test.", "b.test", "test", ".test", "other", "", "..a.test")),
		Path:      []byte(randomPath(r, "a", "b", "ab", "c", "")),
	}
	if r.IntN(20) == 0 {
		h.Path = []byte("*")
	}
	if r.IntN(2) == 0 {
		h.Path = append(h.Path, '?')
		for range r.IntN(4) {
			h.Path = append(h.Path, pick(r, "q", "%71", "s+p", "s%20p", "=", "=", "&", "&", "1", "1+2", "12", "%31", "%", ";")...)
		}
	}
	for range r.IntN(3) {
		h.Headers.AddString(pick(r, "h", "x-i", "other"), pick(r, "1", "2", "3", ""))
	}
	return h
}

// randomSet is a table of routes.
type randomSet struct {
	table *route.Table
	all   []config.Route // also those that New calls unreachable
	place []int          // of the table's routes among all
}

func randomTable(tb testing.TB, r *rand.Rand) (s randomSet) {
	tb.Helper()
	var kept []config.Route
	for range 1 + r.IntN(14) {
		next := randomRoute(r)
		s.all = append(s.all, next)
		grown, err := route.New(append(kept, next), "gateway")
		if err != nil {
			if !strings.Contains(err.Error(), "cannot be reached") {
				tb.Fatalf("%+v: %v", next.Match, err)
			}
			continue
		}
		s.table, kept, s.place = grown, append(kept, next), append(s.place, len(s.all)-1)
	}
	return s
}

func TestTableAgreesWithReference(t *testing.T) {
	requests, matched := 0, 0
	for seed := range uint64(800) {
		r := rand.New(rand.NewPCG(seed, 7))
		set := randomTable(t, r)
		for range 30 {
			requests++
			if set.compare(t, randomRequest(r)) {
				matched++
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if matched < requests/4 || matched > requests*9/10 {
		t.Errorf("%d of %d requests matched: one outcome is hardly tested", matched, requests)
	}
}

// compare looks a request up both ways and says whether there was a match.
func (s randomSet) compare(t *testing.T, h *stream.RequestHead) bool {
	t.Helper()
	want, wantOK := reference(s.all, regexes, h)
	var c route.Captures
	got, ok := s.table.Match(h, &c)
	if ok != wantOK || ok && s.place[got] != want.index {
		t.Errorf("%s %q %q %s: got %t %d, want %t %d", h.Method, h.Authority, h.Path, fields(h), ok, got, wantOK, want.index)
		for i, r := range s.all {
			t.Logf("%d: %+v", i, r.Match)
		}
		return ok
	}
	s.judged(t, h, got, ok)
	if !ok {
		return false
	}
	var parts []string
	if want.m.PathTemplate != "" {
		path, _, _ := strings.Cut(string(h.Path), "?")
		parts = templateRegexp(want.m.PathTemplate).FindStringSubmatch(path)[1:]
	}
	if c.Len() != len(parts) {
		t.Fatalf("%s on %s: %d parts, want %q", h.Path, want.m.PathTemplate, c.Len(), parts)
	}
	for i, p := range parts {
		if _, v := c.At(i, h.Path); string(v) != p {
			t.Fatalf("%s on %s: part %d is %q, want %q", h.Path, want.m.PathTemplate, i, v, p)
		}
	}
	return true
}

// judged compares with what those are told who ask why: the first candidate that is
// met is the route, and each says of all its checks whether they are.
func (s randomSet) judged(t *testing.T, h *stream.RequestHead, want int, ok bool) {
	t.Helper()
	kept := make([]config.Route, len(s.place))
	for i, at := range s.place {
		kept[i] = s.all[at]
	}
	list, err := route.Judge(kept, "gateway", h)
	if err != nil {
		t.Fatal(err)
	}
	first := slices.IndexFunc(list, func(c route.Candidate) bool { return c.Met })
	if (first >= 0) != ok || ok && list[first].Route != want {
		t.Errorf("%s %q %q %s: judged %+v, want %t %d", h.Method, h.Authority, h.Path, fields(h), list, ok, want)
	}
	for _, c := range list {
		if all := !slices.ContainsFunc(c.Checks, func(k route.Check) bool { return !k.Met }); all != c.Met {
			t.Errorf("%+v contradicts itself", c)
		}
	}
}

func fields(h *stream.RequestHead) string {
	var b strings.Builder
	for _, f := range h.Headers.Fields() {
		fmt.Fprintf(&b, "[%s: %s]", f.Name, f.Value)
	}
	return b.String()
}

func FuzzMatch(f *testing.F) {
	var sets []randomSet
	for seed := range uint64(100) {
		sets = append(sets, randomTable(f, rand.New(rand.NewPCG(seed, 8))))
	}
	f.Add(uint8(1), "GET", "a.test", "/a/b?q=1", "h", "1")
	f.Add(uint8(2), "POST", "X.a.test.:80", "/a//b/?s+p=%31%zz", "x-i", "2")
	f.Add(uint8(3), "PUT", "..test", "*", "other", "")
	f.Add(uint8(4), "", "", "", "h", "\xff")
	f.Add(uint8(5), "GET", "a.test.", "/?&&=&q", "x-i", "1")
	f.Fuzz(func(t *testing.T, set uint8, method, host, path, name, value string) {
		if strings.ContainsAny(host, "[") {
			return // the reference knows no IPv6 literals
		}
		for _, c := range []byte(host + path) {
			if c >= 0x80 || c == '\n' {
				return // never in a head that was read; strings.ToLower and "." take them otherwise
			}
		}
		h := &stream.RequestHead{Method: []byte(method), Authority: []byte(host), Path: []byte(path)}
		h.Headers.Add([]byte(name), []byte(value))
		sets[int(set)%len(sets)].compare(t, h)
	})
}
