package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/consul/api"

	"github.com/weirproxy/weir/core/coretest"
)

// TestConsul: the endpoints that Weir uses are the healthy instances of a service
// in a real Consul, and stay in use while that is frozen or dead.
func TestConsul(t *testing.T) {
	program := consul(t)
	a := startAgent(t, program)
	one, two := says(t, "one"), says(t, "two")
	a.register("one", one, 3, api.HealthPassing)
	a.register("two", two, 1, api.HealthCritical)
	w := startWeir(t, fmt.Sprintf(`config = { address = "unix://%s", token = { file = "token" }, wait = "1s" }
ping = "200ms"`, a.socket))

	only := func(text string) func() bool {
		return func() bool {
			for range 4 {
				if w.get() != text {
					return false
				}
			}
			return true
		}
	}
	coretest.Eventually(t, "the healthy one is used, and alone", only("one"))
	if v := w.view("/clusters"); !strings.Contains(v, `"weight": 3`) {
		t.Errorf("the weight is not taken on:\n%s", v)
	}

	if err := a.api.Agent().UpdateTTL("two", "", api.HealthPassing); err != nil {
		t.Fatal(err)
	}
	coretest.Eventually(t, "the one that became well is used too", func() bool { return w.get() == "two" })
	if err := a.api.Agent().ServiceDeregister("one"); err != nil {
		t.Fatal(err)
	}
	coretest.Eventually(t, "the one that is left is used alone", only("two"))

	a.signal(syscall.SIGSTOP)
	for range 20 {
		if got := w.get(); got != "two" {
			t.Fatalf("Consul is frozen: got %q", got)
		}
	}
	a.signal(syscall.SIGCONT)
	a.register("one", one, 1, api.HealthPassing)
	coretest.Eventually(t, "Consul is heard again", func() bool { return w.get() == "one" })

	a.signal(syscall.SIGKILL)
	coretest.Eventually(t, "it is told that the endpoints are stale", func() bool { return strings.Contains(w.view("/providers"), `"stale"`) })
	for range 20 {
		if got := w.get(); got != "one" && got != "two" {
			t.Fatalf("Consul is dead: got %q", got)
		}
	}
	if v := w.view("/metrics"); !strings.Contains(v, `weir_provider_stale_since_timestamp_seconds{provider="consul",service="orders"} 1`) {
		t.Errorf("the metric does not say since when:\n%s", v)
	}
	if v := w.view("/config"); strings.Contains(v, managementToken) {
		t.Error("the admin's door shows the token")
	}
}

// TestConsulToken: a token that may not see a service is a fault, not a service
// without instances.
func TestConsulToken(t *testing.T) {
	a := startAgent(t, consul(t))
	a.register("one", says(t, "one"), 1, api.HealthPassing)
	poor, _, err := a.api.ACL().TokenCreate(&api.ACLToken{Description: "without any right"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{
		"": "no token is given", poor.SecretID: "the token may not read", "ffffffff-ffff-ffff-ffff-ffffffffffff": "ACL not found",
	} {
		w := startWeir(t, fmt.Sprintf(`config = { address = "unix://%s", token = %q }`, a.socket, token))
		coretest.Eventually(t, "it is told: "+want, func() bool { return strings.Contains(w.view("/providers"), want) })
		if v := w.view("/providers"); !strings.Contains(v, `"known": false`) {
			t.Errorf("something is known:\n%s", v)
		}
	}
}
