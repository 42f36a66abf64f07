package main_test

import (
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// roleless is a file for every role: each side does something else to requests.
const roleless = `admin.listen = "127.0.0.1:0"
gateway.listen = ["127.0.0.1:0"]
timeouts.drain_delay = "0s"

[sidecar]
app = "%[1]s"
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
mtls = "off"

[filters.closed]
use = "respond"
config = { status = 403, body = "closed" }

[[routes]]
on = ["gateway", "outbound"]
cluster = "up"

[[routes]]
on = ["gateway"]
match.path_prefix = "/closed"
filters = ["closed"]

[[routes]]
on = ["inbound"]
match.methods = ["GET"]

[clusters.up]
endpoints = ["%[1]s"]
`

// TestOneFileServesEachRole: the same file is a gateway, a sidecar and both, by --role
// alone.
func TestOneFileServesEachRole(t *testing.T) {
	up := hello(t, "up")
	file := write(t, "", "proxy.toml", fmt.Sprintf(roleless, up.Addr))
	want := map[string]map[string]int{ // side, and path: the status
		"gateway":  {"/": 200, "/closed": 403},
		"inbound":  {"/": 200, "/closed": 200},
		"outbound": {"/": 200, "/closed": 200},
	}
	for role, sides := range map[string][]string{
		"gateway": {"gateway"}, "sidecar": {"inbound", "outbound"}, "gateway+sidecar": {"gateway", "inbound", "outbound"},
	} {
		t.Run(role, func(t *testing.T) {
			r := start(t, "run", "-c", file, "--role", role).ready()
			if r.Role != role || len(r.Listen) != len(sides) {
				t.Errorf("%+v, want the sides %q", r, sides)
			}
			for _, side := range sides {
				for path, status := range want[side] {
					if got := coretest.Get(t, r.Listen[side][0], path); got.Status != status {
						t.Errorf("%s%s: %d, want %d", side, path, got.Status, status)
					}
				}
			}
		})
	}
}
