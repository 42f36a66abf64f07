package system

import (
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

// TestNamed keeps the order of the tables, whatever the order of the names.
func TestNamed(t *testing.T) {
	got, err := Named([]string{"weir", "nginx"})
	if err != nil || len(got) != 2 || got[0].Name != "nginx" || got[1].Name != "weir" {
		t.Errorf("got %v, %v; want nginx, weir", got, err)
	}
	if got, err := Named([]string{"weir+h2", "weir+tls"}); err != nil || len(got) != 2 {
		t.Errorf("systems over HTTP/2 and TLS: %v, %v", got, err)
	}
	if _, err := Named([]string{"apache"}); err == nil || !strings.Contains(err.Error(), `"apache"`) {
		t.Errorf("an unknown name gave %v", err)
	}
}

// TestLocateNamesAllThatIsMissing asks for Weir and Envoy where neither is.
func TestLocateNamesAllThatIsMissing(t *testing.T) {
	t.Setenv("PATH", "")
	places = nil
	s := &Setup{Root: t.TempDir(), Language: "c", tools: map[string]string{}}
	systems, err := Named([]string{"envoy+5c", "weir"})
	if err != nil {
		t.Fatal(err)
	}
	err = s.locate(systems)
	if err == nil {
		t.Fatal("nothing was missing in an empty folder")
	}
	for _, want := range []string{"bin/weir", "make build", `"envoy"`, `"clang-19"`, `"wrk"`, "make deps"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "nginx") {
		t.Errorf("error %q names what no chosen system needs", err)
	}
}

// TestConfigurations renders each system's configuration and looks for what it
// must hold: both addresses, and each filter.
func TestConfigurations(t *testing.T) {
	for _, sys := range All() {
		s := &Setup{Dir: t.TempDir(), Self: "bench", tools: map[string]string{}}
		spec, err := sys.spec(s, sys, addresses{Addr: "127.0.0.1:1111", Upstream: "127.0.0.1:2222"})
		if err != nil {
			t.Errorf("%s: %v", sys.Name, err)
			continue
		}
		text := strings.Join(spec.Args, " ")
		for _, arg := range spec.Args {
			if b, err := os.ReadFile(arg); err == nil {
				text += string(b)
			}
		}
		wants := append([]string{"127.0.0.1", "1111", "2222"}, sys.chain...)
		for _, h := range headersOf(sys.copies) {
			wants = append(wants, h.Name, h.Field+"="+h.Value, s.module(headers))
		}
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", sys.Name, want, text)
			}
		}
	}
}

// TestWeirReadsItsConfigurations holds the templates to what the proxy takes.
func TestWeirReadsItsConfigurations(t *testing.T) {
	for _, sys := range append(All(), Idle(), Burning(), Collecting()) {
		if sys.binary != weir {
			continue
		}
		s := &Setup{Dir: t.TempDir(), tools: map[string]string{}}
		for _, g := range []guest{headers, burn, collect} {
			if err := os.WriteFile(s.module(g), []byte("\x00asm\x01\x00\x00\x00"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		file, err := s.render(sys, addresses{Addr: "127.0.0.1:1111", Upstream: "127.0.0.1:2222"}, "weir.toml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, config.Overrides{}); err != nil {
			t.Errorf("%s: %v", sys.Name, err)
		}
	}
}
