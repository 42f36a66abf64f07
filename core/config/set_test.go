package config_test

import (
	"reflect"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

// member is a file that several processes share.
const member = `role = "sidecar"
[sidecar]
app = "127.0.0.1:3000"
inbound = ":15006"
[[routes]]
name = "orders"
on = ["outbound"]
cluster = "orders"
[clusters.orders]
endpoints = ["127.0.0.1:1", "127.0.0.1:2"]
balance = "round_robin"
`

// TestSettingsStandAboveTheFile: tables are merged, all else is replaced, the last counts.
func TestSettingsStandAboveTheFile(t *testing.T) {
	c := parse(t, member, config.Overrides{LookupEnv: env(map[string]string{"TOKEN": "t"}), Set: []string{
		`sidecar.app = "127.0.0.1:3001"`,
		`sidecar = { app = "127.0.0.1:3002", outbound = "" }`,
		`clusters.orders.endpoints = ["127.0.0.1:3"]`,
		`clusters.orders.tls = { mesh = true, peers = ["spiffe://a.test/orders"] }`,
		`identity = { id = "spiffe://a.test/web", cert = "c", key = "k", bundle = "b" }`,
		`identity.authority = { url = "https://127.0.0.1:1", token = { env = "TOKEN" } }`,
		`node.id = 'a "quoted" one'`,
	}})
	orders := c.Clusters["orders"]
	got := []any{c.Sidecar.App, c.Sidecar.Inbound, c.Sidecar.Outbound, c.Sidecar.MTLS, orders.Balance, orders.Endpoints[0].Address,
		len(orders.Endpoints), orders.TLS.Mesh, c.Identity.ID, c.Identity.Authority.JoinToken(), c.Node.ID}
	want := []any{"127.0.0.1:3002", ":15006", "", "strict", "round_robin", "127.0.0.1:3", 1, true, "spiffe://a.test/web", "t", `a "quoted" one`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if key := "sidecar.app"; c.Problem(key, "x").Error() != "--set: sidecar.app: x" || c.Problem("clusters.orders.balance", "x").Error() != "proxy.toml:11: clusters.orders.balance: x" {
		t.Errorf("problems are placed as %v, %v", c.Problem(key, "x"), c.Problem("clusters.orders.balance", "x"))
	}
}

// TestSettingsOfNoFile: an empty file is one.
func TestSettingsOfNoFile(t *testing.T) {
	if c := parse(t, "", config.Overrides{LookupEnv: env(nil), Set: []string{`gateway.listen = ["127.0.0.1:1"]`}}); c.Gateway.Listen[0] != "127.0.0.1:1" {
		t.Errorf("%v", c.Gateway.Listen)
	}
}

// TestRoleBySettings: it stands above the file's, and below all else that gives one.
func TestRoleBySettings(t *testing.T) {
	set := []string{`role = "gateway"`}
	if c := parse(t, member, config.Overrides{LookupEnv: env(nil), Set: set}); c.Role != config.RoleGateway {
		t.Errorf("%s", c.Role)
	}
	if c := parse(t, member, config.Overrides{Role: config.RoleSidecar, LookupEnv: env(nil), Set: set}); c.Role != config.RoleSidecar {
		t.Errorf("%s", c.Role)
	}
}

// TestWrongSettings: all at once, before what is wrong with the file, and each says
// that it is none of the file's.
func TestWrongSettings(t *testing.T) {
	_, err := config.Parse("proxy.toml", []byte(member+"[admin]\nlisten = \"0.0.0.0:1\"\n"), config.Overrides{LookupEnv: env(nil), Set: []string{
		`sidecar.app=127.0.0.1:1`,
		``,
		`sidecar.ap = "127.0.0.1:1"`,
		`clusters.orders.balance = "best"`,
		`clusters.orders.tls = { mesh = true }`,
		`limits = 3`,
	}})
	const want = `--set: sidecar.app=127.0.0.1:1: is not TOML: invalid float value: "127.0.0.1"; write KEY=VALUE as in the file: 'gateway.listen = ["127.0.0.1:8080"]'
--set: is empty; write KEY=VALUE as in the file: 'gateway.listen = ["127.0.0.1:8080"]'
--set: limits: is an integer, want a table: [limits]
--set: sidecar.ap: unknown key; did you mean "app"?
--set: clusters.orders.tls.mesh: is true, but there is no [identity], which says who we are in the mesh
--set: clusters.orders.tls.peers: missing, but mesh is true; say who the endpoints may be: ["spiffe://example.org/orders"]
--set: clusters.orders.balance: unknown value "best"; there is "p2c", "round_robin", "ring_hash", "peak_ewma"
proxy.toml:13: admin.listen: "0.0.0.0:1" can be reached from outside and has no authentication; did you mean "127.0.0.1:1"?`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// FuzzSettings: no text breaks more than itself.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{`sidecar.app = "127.0.0.1:1"`, `limits = 3`, `[routes]`, `routes = []`, `role.x = 1`, `clusters.orders = { endpoints = [] }`, "", "\xff", `"" = 1`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("proxy.toml", []byte(member), config.Overrides{LookupEnv: env(nil), Set: []string{text}})
		if (c == nil) == (err == nil) {
			t.Errorf("%v, %v", c, err)
		}
	})
}
