package intercept

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

var update = flag.Bool("update", false, "write the goldens anew")

const everything = `version = 1
role = "gateway+sidecar"
[gateway]
listen = [":8080", "127.0.0.1:8081"]
[sidecar]
app = "127.0.0.1:3000"
[sidecar.intercept]
mode = "redirect"
exclude = { uids = [1337, 7, 7], gids = [1338], inbound_ports = [22], outbound_ports = [25, 587], networks = ["10.0.0.0/8", "fd00::/8"] }
`

// TestPlans: what the tools are told, by backend.
func TestPlans(t *testing.T) {
	for name, text := range map[string]string{
		"everything": everything,
		"inbound":    strings.Replace(everything, "app =", "outbound = \"\"\napp =", 1),
		"outbound":   "version = 1\nrole = \"sidecar\"\n[sidecar]\ninbound = \"\"\nintercept.mode = \"redirect\"\n",
	} {
		p, err := planOf(file(t, text), config.Overrides{})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".nft", p.nftables())
		golden(t, name+".iptables", p.iptables(false, ""))
		golden(t, name+".ip6tables", p.iptables(true, ""))
	}
}

// TestNoPlan: what cannot be set up, and why.
func TestNoPlan(t *testing.T) {
	for text, says := range map[string]string{
		strings.Replace(everything, "+sidecar", "", 1):                                 "--role sidecar",
		strings.Replace(everything, "\"redirect\"", "\"off\"", 1):                      "sidecar.intercept.mode",
		strings.Replace(everything, "app =", "inbound = \":0\"\napp =", 1):             "sidecar.inbound",
		strings.Replace(everything, "app =", "outbound = \"127.0.0.1:0\"\napp =", 1):   "sidecar.outbound",
		strings.Replace(everything, "app =", "outbound = \"10.0.0.1:1501\"\napp =", 1): "sidecar.outbound",
	} {
		if _, err := planOf(file(t, text), config.Overrides{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not name %s", err, says)
		}
	}
}

// TestWithdrawal: what goes of a table is ours, as often as it is there.
func TestWithdrawal(t *testing.T) {
	const table = "*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:WEIR_OUTBOUND - [0:0]\n:WEIR_OUTBOUND_NOT - [0:0]\n" +
		"-A OUTPUT -p tcp -j WEIR_OUTBOUND\n-A OUTPUT -p tcp -j WEIR_OUTBOUND\n-A OUTPUT -p tcp -j WEIR_OUTBOUND_NOT\n-A WEIR_OUTBOUND -o lo -j RETURN\nCOMMIT\n"
	const want = "*nat\n-D OUTPUT -p tcp -j WEIR_OUTBOUND\n-D OUTPUT -p tcp -j WEIR_OUTBOUND\n-F WEIR_OUTBOUND\n-X WEIR_OUTBOUND\nCOMMIT\n"
	if got := withdrawal(table); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := withdrawal("*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"); got != "" {
		t.Errorf("nothing is ours, but %q", got)
	}
}

// TestMissingTool: the error says what to install.
func TestMissingTool(t *testing.T) {
	if _, err := find("weir-has-no-such-tool"); err == nil || !strings.Contains(err.Error(), "install the package iptables") {
		t.Error(err)
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proxy.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", path, got, want)
	}
}
