package filters_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
)

// remembering are filters that have the host remember what becomes of requests, with
// configurations that look at much.
var remembering = []struct{ name, config string }{
	{"authz", `{"deny":[{"name":"admin","paths":["/Admin/**","/orders/secret"]},{"name":"mallory","identities":["mallory"],"headers":{"x-role":["guest"]}},
			{"name":"outside","sources":["203.0.113.0/25","2001:db8:1::/48"],"headers":{"x-zone":["Red","blue"]}}],
		"allow":[
			{"name":"web","peers":["spiffe://example.org/ns/*/sa/web"],"methods":["GET","POST"],"paths":["/orders/{id}","/orders/{id}/items"]},
			{"name":"header","headers":{"x-role":["root"]},"paths":["/v1.2/**"]},
			{"name":"near","sources":["192.0.2.0/24","2001:db8::/32"],"paths":["/a%20b/","/7/**"]},
			{"name":"zone","headers":{"x-zone":["*"],"x-role":["guest"]},"paths":["/x/**"]},
			{"name":"odd","headers":{"x-odd":["\u00dc"]},"methods":["GET"]},{"name":"host","headers":{"host":["a"]}},
			{"name":"red","headers":{"x-zone":["red"]},"methods":["POST"]},
			{"name":"claim","claims":{"groups":["staff"]},"methods":["DELETE"]},
			{"name":"nobody","identities":["none"],"paths":["/","/orders/"]},
			{"name":"known","identities":["*"],"peers":["none"],"paths":["/items/{id}/**"]}]}`},
	{"apikey", `{"identity_header":"x-user","keys":[
		{"name":"ann","key":"ann-0123456789abcdef"},
		{"name":"bob","key":"bob-0123456789abcdef","paths":["/orders","/a%20b/"]},
		{"name":"eve","key":"eve-0123456789abcdef","paths":["/Admin/items"],"methods":["GET"]}]}`},
}

// TestMemoryIsExact sends requests again and again, in an order of its own, to a filter
// whose host remembers, and to one whose host does not: nothing may come of the memory that
// the filter would not have said.
func TestMemoryIsExact(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range remembering {
		t.Run(f.name, func(t *testing.T) {
			real, reason, ok := w.Start(t, f.name, f.config, nil)
			if !ok {
				t.Fatal(reason)
			}
			plain, reason, ok := filtertest.Native.Start(t, f.name, f.config, nil)
			if !ok {
				t.Fatal(reason)
			}
			r := rand.New(rand.NewPCG(1, 2))
			passed := 0
			for range 4000 {
				s := anyRequest(r)
				got, want := told(real.Run(s), s.Properties), told(plain.Run(s), s.Properties)
				if got != want {
					t.Fatalf("%+v:\n%s\nwant:\n%s", s, got, want)
				}
				if !strings.HasPrefix(got, "local") {
					passed++
				}
			}
			if passed < 200 {
				t.Errorf("%d requests passed: too few say anything", passed)
			}
		})
	}
}

// told is what came of a stream, as far as filters have a say in it. What was there
// before is not shown by each host.
func told(o filtertest.Outcome, before map[string]string) string {
	for name, v := range before {
		if _, ok := o.Properties[name]; !ok {
			o.Properties[name] = v
		}
	}
	if o.Local {
		return fmt.Sprint("local ", o.Details, o.Properties)
	}
	return fmt.Sprint(o.Upstream.Fields, o.Properties)
}

// anyRequest has few parts, so that many are alike and many differ in little.
func anyRequest(r *rand.Rand) (s filtertest.Stream) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	segment := func() string {
		return pick("orders", "orders", "Orders", "admin", "ADMIN", "items", "secret", "v1.2", "a%20b", "7", "x", "8_-~", "", "..", "a;b", "%41", "a.", "é", "*")
	}
	for range 1 + r.IntN(3) {
		s.Request.Path += "/" + segment()
	}
	s.Request.Path += pick("", "", "", "/", "?q=/admin")
	s.Request.Method = pick("GET", "GET", "POST", "DELETE", "get")
	s.Peer = pick("", "spiffe://example.org/ns/a/sa/web", "spiffe://example.org/ns/b/sa/web", "spiffe://example.org/ns/a/sa/other")
	s.Client = pick("192.0.2.1", "192.0.2.255", "192.0.3.0", "198.51.100.1", "203.0.113.127", "203.0.113.128", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8:1::1")
	s.Properties, s.Request.Headers = map[string]string{}, map[string]any{}
	if v := pick("", "ann", "mallory"); v != "" {
		s.Properties["weir.identity"] = v
	}
	if v := pick("", "staff", `["staff","x"]`, "guest"); v != "" {
		s.Properties["weir.claim.groups"] = v
	}
	if v := pick("", "", "root", "guest", "Guest", "root,guest", "guest , x", "other"); v != "" {
		s.Request.Headers["x-role"] = v
	}
	if v := pick("", "", "", "\u00dc"); v != "" {
		s.Request.Headers["x-odd"] = v
	}
	switch v := pick("", "", "red", "Red", "BLUE", "green", "red, green", "twice"); v {
	case "":
	case "twice":
		s.Request.Headers["x-zone"] = []any{"red", pick("red", "blue", "green")}
	default:
		s.Request.Headers["x-zone"] = v
	}
	if v := pick("", "ann-0123456789abcdef", "bob-0123456789abcdef", "eve-0123456789abcdef", "bob-0123456789abcdeF"); v != "" {
		s.Request.Headers["x-api-key"] = v
	}
	return s
}
