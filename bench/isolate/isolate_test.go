package isolate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/core/config"
)

const file = `version = 1
role = "gateway+sidecar"
[gateway]
listen = ["0.0.0.0:8080"]
filters = ["id"]
[admin]
listen = "127.0.0.1:9901"
[sidecar]
app = "127.0.0.1:9000"
[[routes]]
name = "edge"
on = ["gateway"]
match = { path_prefix = "/x", methods = ["POST"] }
filters = [{ name = "mark", when = { methods = ["POST"] } }, "asks"]
clusters = [{ name = "away", weight = 9 }, { name = "near" }]
[[routes]]
name = "app"
on = ["inbound"]
filters = ["mark"]
[[tcp]]
name = "raw"
listen = ["0.0.0.0:7000"]
cluster = "away"
[clusters.away]
endpoints = ["away.example:80"]
[clusters.near]
endpoints = ["127.0.0.1:9100"]
[filters.id]
use = "requestid"
[filters.mark]
use = "headers"
[filters.asks]
use = "extauthz"
calls = ["near"]
[filters.other]
use = "cors"
`

func find(t *testing.T, text, name string) *isolate.Route {
	t.Helper()
	cfg, err := config.Parse("proxy.toml", []byte(text), config.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := isolate.Find(cfg, name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestConfig: what is left opens one port of this machine, and knows one server.
func TestConfig(t *testing.T) {
	r := find(t, file, "edge")
	if got := r.Filters(); !slices.Equal(got, []string{"id", "mark", "asks"}) {
		t.Fatalf("the chain is %q", got)
	}
	for _, c := range []struct {
		name  string
		o     isolate.Options
		chain []string
	}{
		{"whole", isolate.Options{}, []string{"id", "mark", "asks"}},
		{"without", isolate.Options{Without: "mark"}, []string{"id", "asks"}},
		{"bare", isolate.Options{Bare: true}, nil},
		{"more", isolate.Options{More: 3}, []string{"id", "mark", "asks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Origin = "127.0.0.1:7"
			cfg, err := r.Config(c.o)
			if err != nil {
				t.Fatal(err)
			}
			if len(cfg.Routes) != c.o.More+1 || len(cfg.Filters) != len(c.chain) {
				t.Errorf("%d routes, %d filters", len(cfg.Routes), len(cfg.Filters))
			}
			route := cfg.Routes[len(cfg.Routes)-1]
			if got := config.LinkNames(route.Filters); !slices.Equal(got, c.chain) || route.Match.PathPrefix != "" || len(route.Match.Methods) > 0 {
				t.Errorf("%q, %+v", got, route.Match)
			}
			if cfg.Role != config.RoleGateway || !slices.Equal(cfg.Gateway.Listen, []string{"127.0.0.1:0"}) || cfg.Admin.Listen != "" || len(cfg.TCP) > 0 {
				t.Errorf("opens %+v, %+v", cfg.Gateway, cfg.TCP)
			}
			for name, cluster := range cfg.Clusters {
				want := "127.0.0.1:7"
				if name == "near" && slices.Contains(c.chain, "asks") {
					want = "127.0.0.1:9100"
				}
				if cluster.Endpoints[0].Address != want {
					t.Errorf("%s is at %s, want %s", name, cluster.Endpoints[0].Address, want)
				}
			}
		})
	}
	if got := find(t, file, "app").Filters(); !slices.Equal(got, []string{"mark"}) {
		t.Errorf("the sidecar's chain is %q", got)
	}
}

// TestRemote: nothing of another machine is asked unless that was said.
func TestRemote(t *testing.T) {
	for _, at := range []string{`endpoints = ["10.0.0.1:80"]`, `endpoints = ["api.example:80"]`, `discover = { dns = "localhost:80" }`} {
		r := find(t, strings.Replace(file, `endpoints = ["127.0.0.1:9100"]`, at, 1), "edge")
		if _, err := r.Config(isolate.Options{Origin: "127.0.0.1:7"}); err == nil || !strings.Contains(err.Error(), "--allow-remote") {
			t.Errorf("%s: says %v", at, err)
		}
		if _, err := r.Config(isolate.Options{Origin: "127.0.0.1:7", AllowRemote: true}); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}
