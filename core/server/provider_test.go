package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/provider"
)

// TestProviderAcrossReloads: a reload that does not touch a provider keeps its
// process; one that does has another, and the old one ends.
func TestProviderAcrossReloads(t *testing.T) {
	program := filepath.Join(t.TempDir(), "example")
	if out, err := exec.Command("go", "build", "-o", program, "../provider/kit/example").CombinedOutput(); err != nil {
		t.Fatalf("building the example: %v\n%s", err, out)
	}
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "orders"), []byte(up.Addr+" 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	toml := strings.Replace(coretest.Gateway(""), `endpoints = [""]`, fmt.Sprintf(`discover = { provider = "folder", service = "orders" }
[providers.folder]
command = [%q]
config = { folder = %q }`, program, folder), 1)
	p := coretest.Proxy(t, toml)
	ask := func() {
		t.Helper()
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 200 {
			t.Fatalf("answered %d", r.Status)
		}
	}
	ask()
	before := providersOf(t, p)
	reload := func(toml string, status int) {
		t.Helper()
		p.Write(toml)
		if r := p.Admin("POST", "/reload"); r.Status != status {
			t.Fatalf("reload: %d %s", r.Status, r.Body)
		}
		ask()
	}
	reload(strings.Replace(toml, `name = "all"`, `name = "every"`, 1), 200)
	if after := providersOf(t, p); len(after) != 1 || after[0].PID != before[0].PID {
		t.Errorf("was %+v, is %+v", before, after)
	}
	reload(strings.Replace(toml, "example\"]", "none\"]", 1), 422)
	reload(strings.Replace(toml, "[providers.folder]", "[providers.folder]\ncall_timeout = \"7s\"", 1), 200)
	if after := providersOf(t, p); len(after) != 1 || after[0].PID == before[0].PID || after[0].State != provider.Running {
		t.Errorf("was %+v, is %+v", before, after)
	}
	coretest.Eventually(t, "the old process is gone", func() bool {
		_, err := os.Stat("/proc/" + before[0].PID)
		return err != nil
	})
	if v := p.Metric(`weir_provider_up{provider="folder"}`); v != 1 {
		t.Errorf("weir_provider_up is %v", v)
	}
	reload(coretest.Gateway(up.Addr), 200)
	coretest.Eventually(t, "nothing is left of the provider", func() bool { return len(providersOf(t, p)) == 0 })
}

func providersOf(t *testing.T, p *coretest.Running) (stats []provider.Stats) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.Admin("GET", "/providers").Body), &stats); err != nil {
		t.Fatal(err)
	}
	return stats
}
