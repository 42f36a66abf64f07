package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/config"
)

// parse reads a file that must be right.
func parse(t *testing.T, text string, o config.Overrides) *config.Config {
	t.Helper()
	c, err := config.Parse("proxy.toml", []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// env is an environment of some variables.
func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func TestRoleStandsByFlagThenEnvironmentThenFile(t *testing.T) {
	const app = "[sidecar]\napp = \"127.0.0.1:3000\"\n"
	for _, c := range []struct {
		file, env, flag string
		want            config.Role
	}{
		{"", "", "", "gateway"},
		{"sidecar", "", "", "sidecar"},
		{"sidecar", "gateway", "", "gateway"},
		{"gateway", "sidecar", "gateway+sidecar", "gateway+sidecar"},
	} {
		text := app
		if c.file != "" {
			text = "role = \"" + c.file + "\"\n" + app
		}
		got := parse(t, text, config.Overrides{Role: config.Role(c.flag), LookupEnv: env(map[string]string{"WEIR_ROLE": c.env})})
		if got.Role != c.want {
			t.Errorf("%+v: %s", c, got.Role)
		}
	}
}

// TestRoleFromOutsideIsChecked names where a bad role came from, beside what
// is wrong with the file.
func TestRoleFromOutsideIsChecked(t *testing.T) {
	_, err := config.Parse("f.toml", []byte("rol = 1"), config.Overrides{LookupEnv: env(map[string]string{"WEIR_ROLE": "sidecart"})})
	const want = "WEIR_ROLE: unknown role \"sidecart\"; did you mean \"sidecar\"?\nf.toml:1: rol: unknown key; did you mean \"role\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = config.Parse("f.toml", nil, config.Overrides{Role: "x", LookupEnv: env(nil)})
	if err == nil || !strings.HasPrefix(err.Error(), "--role: ") {
		t.Errorf("got %v", err)
	}
}

// TestDefaultsOfTheRoles is the table of safe defaults.
func TestDefaultsOfTheRoles(t *testing.T) {
	const kib = 1 << 10
	const file = "[sidecar]\napp = \"127.0.0.1:3000\"\n[clusters.c]\nendpoints = [\"127.0.0.1:1\"]\n[[routes]]\nname = \"r\"\ncluster = \"c\"\n"
	type row struct {
		headBytes, requestLine config.Size
		headCount              int
		bodyIdle, keepAlive    time.Duration
		minRate                config.Size
		timeout, connect, idle time.Duration
		retries                int
	}
	edge := row{32 * kib, 8 * kib, 100, 30 * time.Second, 60 * time.Second, 240, 30 * time.Second, 3 * time.Second, 4 * time.Second, 1}
	mesh := row{64 * kib, 16 * kib, 128, 60 * time.Second, 300 * time.Second, 0, 15 * time.Second, time.Second, 3 * time.Second, 2}
	for role, sides := range map[config.Role]map[config.Side]row{
		config.RoleGateway:        {config.SideGateway: edge},
		config.RoleSidecar:        {config.SideInbound: mesh, config.SideOutbound: mesh},
		config.RoleGatewaySidecar: {config.SideGateway: edge, config.SideInbound: mesh, config.SideOutbound: mesh},
	} {
		c := parse(t, file, config.Overrides{Role: role, LookupEnv: env(nil)})
		for side, want := range sides {
			l, to, routes := c.LimitsFor(side), c.TimeoutsFor(side), c.RoutesFor(side)
			if len(routes) != 1 {
				t.Fatalf("%s %s: %d routes", role, side, len(routes))
			}
			if role == config.RoleGatewaySidecar { // one pool for both sides
				want.connect, want.idle = edge.connect, edge.idle
			}
			cl := c.Clusters["c"]
			got := row{l.HeadBytes, l.RequestLine, l.HeadCount, to.BodyIdle.Std(), to.KeepAlive.Std(), to.BodyMinRate,
				routes[0].Timeout.Std(), cl.ConnectTimeout.Std(), cl.IdleTimeout.Std(), routes[0].Retries.Max}
			if got != want {
				t.Errorf("%s %s: %+v, want %+v", role, side, got, want)
			}
			if l.Connections < 1 || l.Connections > 50000 {
				t.Errorf("%s %s: %d connections", role, side, l.Connections)
			}
		}
		if c.Role != role || len(c.RoutesFor("elsewhere")) != 0 {
			t.Errorf("%s: role is %s, or it has routes elsewhere", role, c.Role)
		}
	}
}

// TestFileStandsAboveDefaults, those of both sides.
func TestFileStandsAboveDefaults(t *testing.T) {
	c := parse(t, "[limits]\nhead_count = 7\n[timeouts]\nkeep_alive = \"9s\"\n[sidecar]\napp = \"a:1\"\nfilters = [\"f\"]\n[filters.f]\nuse = \"headers\"\n",
		config.Overrides{Role: config.RoleGatewaySidecar, LookupEnv: env(nil)})
	for _, side := range c.Role.Sides() {
		if l, to := c.LimitsFor(side), c.TimeoutsFor(side); l.HeadCount != 7 || to.KeepAlive.Std() != 9*time.Second {
			t.Errorf("%s: %d, %v", side, l.HeadCount, to.KeepAlive)
		}
	}
	if len(c.FiltersFor(config.SideGateway)) != 0 || len(c.FiltersFor(config.SideOutbound)) != 1 {
		t.Error("the filters of the sides are mixed up")
	}
}

func TestDefaultIsValid(t *testing.T) {
	for _, role := range []config.Role{config.RoleGateway, config.RoleSidecar, config.RoleGatewaySidecar} {
		c := config.Default(role)
		c.Sidecar.App = "127.0.0.1:3000"
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// TestValidateWithoutFile checks a configuration made by a program.
func TestValidateWithoutFile(t *testing.T) {
	c := config.Default(config.RoleGateway)
	c.Limits.HeadCount = -1
	c.Filters = map[string]config.Filter{"a": {Use: "headers", OnError: "closed", OnPause: "stop_all"}}
	c.Gateway.Filters = []config.Link{{Name: "b"}}
	err := c.Validate()
	const want = "gateway.filters[0]: there is no [filters.b]; did you mean \"a\"?\nlimits.head_count: -1 is out of range; it is 1 to 10000"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestMemoryAndBudgetOfFilters(t *testing.T) {
	const mib = 1 << 20
	w := config.Default(config.RoleGateway).Wasm
	plain, own := config.Filter{}, config.Filter{Memory: 5 * mib, Budget: config.Duration(time.Second)}
	for _, c := range []struct {
		wasm    config.Size
		filter  config.Filter
		goGuest bool
		want    config.Size
	}{
		{0, plain, false, 32 * mib},
		{0, plain, true, 64 * mib},
		{8 * mib, plain, true, 8 * mib},
		{8 * mib, own, true, 5 * mib},
	} {
		w.Memory = c.wasm
		if got := w.MemoryOf(&c.filter, c.goGuest); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if w.BudgetOf(&plain) != w.Budget || w.BudgetOf(&own).Std() != time.Second {
		t.Error("the budget is not the filter's, else the engine's")
	}
}
