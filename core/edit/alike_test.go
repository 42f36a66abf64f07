package edit_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// like is a request of which the tests change one thing.
func like(change func(f *fake)) *fake {
	f := alike("x-a", "1")
	f.request.Path = []byte("/orders/7?a=b")
	f.info.TLS = &stream.TLSInfo{PeerSPIFFE: "spiffe://a.example/web"}
	f.set = map[string]string{"weir.identity": "ann", "weir.claim.a": "x"}
	if change != nil {
		change(f)
	}
	return f
}

// TestRecallTellsApart takes each kind of fact by itself.
func TestRecallTellsApart(t *testing.T) {
	for name, c := range map[string]struct {
		fact    []any
		changed func(f *fake)
		alike   bool
	}{
		"field":                   {[]any{byField, "x-a"}, func(f *fake) { f.request.Headers.Set([]byte("x-a"), []byte("2")) }, false},
		"other field":             {[]any{byField, "x-a"}, func(f *fake) { f.request.Headers.AddString("x-b", "2") }, true},
		"secret":                  {[]any{bySecret, "x-a"}, func(f *fake) { f.request.Headers.Set([]byte("x-a"), []byte("2")) }, false},
		"same secret":             {[]any{bySecret, "x-a"}, nil, true},
		"secret twice":            {[]any{bySecret, "x-a"}, func(f *fake) { f.request.Headers.AddString("x-a", "1") }, false},
		"no secret":               {[]any{bySecret, "x-a"}, func(f *fake) { f.request.Headers.Del("x-a") }, false},
		"method":                  {[]any{byMethod, ""}, func(f *fake) { f.request.Method = []byte("get") }, false},
		"same method":             {[]any{byMethod, ""}, func(f *fake) { f.request.Path = []byte("/x") }, true},
		"path":                    {[]any{byPath, "orders/new"}, func(f *fake) { f.request.Path = []byte("/orders/8?c=d") }, true},
		"path, a word":            {[]any{byPath, "orders/new"}, func(f *fake) { f.request.Path = []byte("/orders/new") }, false},
		"path, no word":           {[]any{byPath, "orders/new"}, func(f *fake) { f.request.Path = []byte("/order/7") }, false},
		"peer":                    {[]any{byPeer, ""}, func(f *fake) { f.info.TLS = &stream.TLSInfo{PeerSPIFFE: "spiffe://a.example/we"} }, false},
		"no peer":                 {[]any{byPeer, ""}, func(f *fake) { f.info.TLS = nil }, false},
		"property":                {[]any{byProperty, "weir.identity"}, func(f *fake) { f.set["weir.identity"] = "an" }, false},
		"same property":           {[]any{byProperty, "weir.identity"}, func(f *fake) { f.set["weir.claim.a"] = "y" }, true},
		"empty property":          {[]any{byProperty, "weir.identity"}, func(f *fake) { f.set["weir.identity"] = "" }, false},
		"no property":             {[]any{byProperty, "weir.identity"}, func(f *fake) { delete(f.set, "weir.identity") }, false},
		"network":                 {[]any{byNetwork, networks("192.0.2.0/24")}, func(f *fake) { f.info.Client = netip.MustParseAddr("192.0.2.255") }, true},
		"another network":         {[]any{byNetwork, networks("192.0.2.0/24")}, func(f *fake) { f.info.Client = netip.MustParseAddr("192.0.3.0") }, false},
		"no address":              {[]any{byNetwork, networks("192.0.2.0/24")}, func(f *fake) { f.info.Client = netip.Addr{} }, false},
		"value":                   {[]any{byValue, "x-a\x001"}, func(f *fake) { f.request.Headers.Set([]byte("x-a"), []byte("2")) }, false},
		"no value that counts":    {[]any{byValue, "x-a\x002"}, func(f *fake) { f.request.Headers.Set([]byte("x-a"), []byte("3")) }, true},
		"value, a field less":     {[]any{byValue, "x-a\x002"}, func(f *fake) { f.request.Headers.Del("x-a") }, false},
		"value, a field more":     {[]any{byValue, "x-a\x002"}, func(f *fake) { f.request.Headers.AddString("x-a", "1") }, false},
		"a boundary":              {[]any{byProperty, "weir.identity", byProperty, "weir.claim.a"}, func(f *fake) { f.set["weir.identity"], f.set["weir.claim.a"] = "annx", "" }, false},
		"a boundary made of NULs": {[]any{byProperty, "weir.identity", byProperty, "weir.claim.a"}, func(f *fake) { f.set["weir.identity"], f.set["weir.claim.a"] = "ann\x00x", "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			var l edit.List
			if err := l.Recall(by(c.fact...)); err != nil {
				t.Fatal(err)
			}
			if err := l.Remember(like(nil), nil, encode(0), nil, 0, 9); err != nil {
				t.Fatal(err)
			}
			if !replayed(&l, like(nil), 1, counts{}) {
				t.Error("the same request is not alike")
			}
			if got := replayed(&l, like(c.changed), 1, counts{}); got != c.alike {
				t.Errorf("alike: %v", got)
			}
		})
	}
}

func TestRecallRefusesFacts(t *testing.T) {
	for name, b := range map[string][]byte{
		"unknown": by(9, "x"), "half a network": by(byNetwork, networks("192.0.2.0/24")[:16]), "a network's bits": by(byNetwork, networks("192.0.2.0/24")[:16]+"\x81"),
		"bits behind a network": by(byNetwork, networks("192.0.2.0/24")[:15]+"\x01\x78"), "many networks": by(byNetwork, strings.Repeat(networks("::/0"), 4097)),
		"IPv4 in IPv6 in part": by(byNetwork, networks("192.0.2.0/24")[:16]+"\x50"),
		"values of no field":   by(byValue, ""), "values of two fields": by(byValue, "A\x001"), "a value not in ASCII": by(byValue, "x-a\x00\u212a"), "a long value": by(byValue, "x-a\x00"+strings.Repeat("v", 129)),
		"a value with a tab": by(byValue, "x-a\x001\t2"), "many values": by(byValue, "x-a"+strings.Repeat("\x00v", 20_000)), "a method's name": by(byMethod, "x"), "a peer's name": by(byPeer, "x"), "no property": by(byProperty, ""),
		"a long property": by(byProperty, strings.Repeat("p", 257)), "a NUL that is no part of a path": by(byProperty, "weir.claim.a\x00"),
		"no key": by(byVersion, ""), "a long key": by(byVersion, strings.Repeat("k", 257)), "a secret's name": by(bySecret, "A"),
		"an empty word": by(byPath, "a//b"), "a slash at the end": by(byPath, "a/"), "a blank": by(byPath, "a b"), "a mark": by(byPath, "a\x01"),
		"a query": by(byPath, "a?b"), "a long word": by(byPath, strings.Repeat("a", 129)), "many words": by(byPath, strings.Repeat("a/", 20_000)+"a"),
	} {
		var l edit.List
		if err := l.Recall(b); !errors.Is(err, edit.ErrMalformed) || l.Recalls() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRecallByVersion: what was decided by former shared data is forgotten the moment it
// changes, and cannot be told any more.
func TestRecallByVersion(t *testing.T) {
	var l edit.List
	if err := l.Recall(by(byField, "x-a", byVersion, "keys", byVersion, "more")); err != nil {
		t.Fatal(err)
	}
	space, other, f := rates(t), rates(t), alike("x-a", "1")
	told := func(keys, more uint32) error {
		return l.Remember(f, space, append(words(keys, more), encode(0)...), nil, 0, 9)
	}
	known := func() bool {
		return l.Apply(alike("x-a", "1"), filter.PhaseRequestHeaders, &edit.Room{State: space, Left: 1 << 10, Now: 1}, counts{}) == edit.Spared
	}
	set := func(key string) uint32 {
		n, err := space.Set([]byte(key), []byte("v"), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := told(0, 0); err != nil || !known() {
		t.Fatalf("before there is a value: %v, known %v", err, known())
	}
	if _, err := other.Set([]byte("keys"), []byte("v"), 0, 0); err != nil || !known() {
		t.Error("another VM's data counts")
	}
	first := set("keys")
	if known() {
		t.Error("known by data that has changed")
	}
	for _, old := range []uint32{0, first + 1} {
		if err := told(old, 0); !errors.Is(err, edit.ErrStale) {
			t.Errorf("told by version %d of %d: %v", old, first, err)
		}
	}
	if err := told(first, 0); err != nil || !known() {
		t.Errorf("by the version that is there: %v", err)
	}
	if set("more"); known() {
		t.Error("known by data of which a part has changed")
	}
	if err := space.Delete([]byte("keys"), 0); err != nil || known() {
		t.Errorf("deleted: %v", err)
	}
	if err := space.Delete([]byte("more"), 0); err != nil || !known() {
		t.Errorf("as before there was a value: %v", err)
	}
	if set("keys"); known() {
		t.Error("the version of a value that was deleted came again")
	}
	if err := l.Remember(f, space, words(0), nil, 0, 9); !errors.Is(err, edit.ErrMalformed) {
		t.Errorf("without versions: %v", err)
	}
}
