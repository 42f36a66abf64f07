package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// showing is a proxy whose filters first and second show properties, with the
// routes "all" and "special", each with its cluster.
func showing(t *testing.T, up, special *upstream, config string) *coretest.Running {
	module := coretest.Guest(t)
	return coretest.Proxy(t, coretest.Gateway(up.Addr, chained("first", "second"), coretest.Wasm(),
		coretest.FilterTable("first", module, "facts", config), coretest.FilterTable("second", module, "facts", config),
		"[[routes]]\nname = \"special\"\nmatch = { path_prefix = \"/special\" }\ncluster = \"special\"\n"+chained("first", "second")+"\n",
		clusters("special", special.Addr)))
}

func TestGuestReadsProperties(t *testing.T) {
	up := newUpstream(t)
	texts := "request.path request.url_path request.query request.host request.scheme request.method request.protocol request.useragent request.headers.x-one " +
		"source.address destination.address route_name cluster_name plugin_name plugin_root_id weir.client_ip weir.listener weir.filter weir.version request.id nothing"
	p := showing(t, up, up, fmt.Sprintf("config = { texts = %q, numbers = %q, response = \"yes\" }", texts,
		"source.port destination.port response.code request.size request.time weir.stream_id listener_direction"))
	at := p.Addr("gateway")
	r := coretest.Get(t, at, "/a/b?c=d", "User-Agent: probe", "X-One: 1")
	if r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	port := at[strings.LastIndexByte(at, ':')+1:]
	request, response := up.last(t).header["X-Fact"], r.Header["X-Fact"]
	check := func(facts []string, half, want string) {
		t.Helper()
		re := regexp.MustCompile("^(?:" + want + ")$")
		if !slices.ContainsFunc(facts, re.MatchString) {
			t.Errorf("in the %s: no %s\n%s", half, want, strings.Join(facts, "\n"))
		}
	}
	for _, want := range []string{
		`request\.path=/a/b\?c=d`, `request\.url_path=/a/b`, `request\.query=c=d`, `request\.host=test`, `request\.scheme=http`, `request\.method=GET`,
		`request\.protocol=HTTP/1\.1`, `request\.useragent=probe`, `request\.headers\.x-one=1`, `source\.address=127\.0\.0\.1:\d+`,
		`destination\.address=127\.0\.0\.1:` + port, `destination\.port=` + port, `source\.port=\d+`, `route_name=all`, `plugin_name=first`, `plugin_name=second`,
		`plugin_root_id=facts`, `weir\.client_ip=127\.0\.0\.1`, `weir\.listener=gateway`, `weir\.filter=first`, `weir\.version=test`, `nothing=none`,
		`cluster_name=up`, `request\.time=\d{19}`, `weir\.stream_id=\d+`, `listener_direction=0`, `request\.size=0`,
	} {
		check(request, "request", want)
		check(response, "response", want)
	}
	check(request, "request", `response\.code=none`)
	check(response, "response", `response\.code=200`)
}

func TestGuestSetsProperties(t *testing.T) {
	up, special := newUpstream(t), newUpstream(t)
	p := showing(t, up, special, `config = { texts = "note route_name request.path" }`)
	at := p.Addr("gateway")
	for _, c := range []struct {
		name   string
		path   string
		fields []string
		to     *upstream
		want   string // path that the upstream sees
		facts  []string
	}{
		{"a later filter reads it", "/", []string{"X-Set: note=from the client"}, up, "/", []string{"note=from the client"}},
		{"another stream does not", "/", nil, up, "/", []string{"note=none"}},
		{"another cluster", "/", []string{"X-Set: weir.cluster=special"}, special, "/", nil},
		{"an unknown cluster is refused", "/", []string{"X-Set: weir.cluster=nowhere"}, up, "/", nil},
		{"a changed path is routed again", "/", []string{"X-Path: /special/x"}, special, "/special/x", []string{"request.path=/special/x"}},
		{"and back", "/special", []string{"X-Path: /other"}, up, "/other", nil},
		{"a changed path is made normal", "/", []string{"X-Path: /a/../special/x"}, special, "/special/x", nil},
		{"a changed path keeps its route", "/", []string{"X-Path: /special/x", "X-Set: weir.keep_route=1"}, up, "/special/x", nil},
		{"clear_route_cache", "/", []string{"X-Path: /special/x", "X-Foreign: clear_route_cache"}, special, "/special/x", nil},
		{"clear_route_cache without a change", "/", []string{"X-Foreign: clear_route_cache"}, up, "/", nil},
		{"an unknown function is refused", "/", []string{"X-Foreign: make_coffee"}, up, "/", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(c.to.requests())
			r := coretest.Get(t, at, c.path, c.fields...)
			if r.Status != 200 || len(c.to.requests()) != before+1 {
				t.Fatalf("%+v, and %d requests came to the expected upstream", r, len(c.to.requests())-before)
			}
			got := c.to.last(t)
			if got.path != c.want {
				t.Errorf("path %q, want %q", got.path, c.want)
			}
			for _, f := range c.facts {
				if !slices.Contains(got.header["X-Fact"], f) {
					t.Errorf("facts %q do not have %q", got.header["X-Fact"], f)
				}
			}
			refused := fmt.Sprint(got.header["X-Refused"])
			switch {
			case strings.Contains(c.name, "unknown cluster") && !strings.Contains(refused, "weir.cluster: bad argument"),
				strings.Contains(c.name, "unknown function") && !strings.Contains(refused, "make_coffee: not found"),
				!strings.Contains(c.name, "unknown") && refused != "[]":
				t.Errorf("refused: %s", refused)
			}
		})
	}
}
