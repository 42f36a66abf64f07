package main_test

import (
	"regexp"
	"runtime"
	"testing"
)

func TestVersion(t *testing.T) {
	p := start(t, "version")
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	want := regexp.MustCompile(`^weir \S+ \(go1\.\S+, wazero v\d+\.\d+\.\d+, ` + runtime.GOOS + "/" + runtime.GOARCH + `\)\n$`)
	if got := p.out.String(); !want.MatchString(got) {
		t.Errorf("%q does not match %s", got, want)
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		golden string
		args   []string
	}{
		{"help", []string{"--help"}},
		{"help", nil},
		{"help-run", []string{"run", "--help"}},
		{"help-check", []string{"help", "check"}},
		{"help-demo", []string{"demo", "-h"}},
		{"help-test", []string{"test", "--help"}},
		{"help-inspect", []string{"inspect", "--help"}},
		{"help-explain", []string{"explain", "--help"}},
		{"help-keygen", []string{"keygen", "--help"}},
		{"help-sign", []string{"sign", "--help"}},
		{"help-verify", []string{"verify", "--help"}},
		{"help-new", []string{"new", "--help"}},
		{"help-ca", []string{"ca", "--help"}},
		{"help-ca", []string{"ca"}},
		{"help-bench", []string{"bench"}},
		{"help-bench", []string{"bench", "--help"}},
		{"help-bench-chain", []string{"bench", "chain", "--help"}},
		{"help-bench-filter", []string{"bench", "filter", "--help"}},
		{"help-bench-run", []string{"bench", "run", "--help"}},
		{"help-bench-compare", []string{"bench", "compare", "--help"}},
		{"help-ca-init", []string{"ca", "init", "--help"}},
		{"help-ca-issue", []string{"ca", "issue", "--help"}},
		{"help-ca-token", []string{"ca", "token", "--help"}},
		{"help-ca-serve", []string{"ca", "serve", "--help"}},
		{"help-ca-rotate", []string{"ca", "rotate", "--help"}},
		{"help-ca-bundle", []string{"ca", "bundle", "--help"}},
	} {
		p := start(t, c.args...)
		if code := p.wait(); code != 0 || p.log.String() != "" {
			t.Errorf("%q: exit code %d, standard error %q", c.args, code, &p.log)
		}
		golden(t, c.golden, p.out.String())
	}
}

// TestNotUnderstood: a command line that means nothing is told apart from a
// failure, by 2.
func TestNotUnderstood(t *testing.T) {
	for _, c := range []struct {
		args          []string
		says, command string
	}{
		{[]string{"rnu"}, "unknown command \"rnu\" for \"weir\"", "weir"},
		{[]string{"run", "--confg", "x"}, "unknown flag: --confg", "weir run"},
		{[]string{"run", "proxy.toml"}, "unknown command \"proxy.toml\" for \"weir run\"", "weir run"},
		{[]string{"ca", "rotate", "back"}, "invalid argument \"back\" for \"weir ca rotate\"", "weir ca rotate"},
		{[]string{"ca", "isue"}, "unknown command \"isue\" for \"weir ca\"", "weir ca"},
		{[]string{"ca", "issue"}, "required flag(s) \"id\", \"out\" not set", "weir ca issue"},
		{[]string{"intercept", "of"}, "unknown command \"of\" for \"weir intercept\"", "weir intercept"},
		{[]string{"demo", "--mesh", "--role", "sidecar"}, "if any flags in the group [mesh role] are set", "weir demo"},
		{[]string{"check"}, `too few or too many arguments: it is "weir check FILE... [flags]"`, "weir check"},
		{[]string{"explain"}, `too few or too many arguments: it is "weir explain URL [flags]"`, "weir explain"},
		{[]string{"check", "--role", "gatewy", "x.toml"}, `invalid argument "gatewy" for "--role" flag: did you mean "gateway"?`, "weir check"},
		{[]string{"run", "--role", "none"}, `invalid argument "none" for "--role" flag: there is "gateway", "sidecar", "gateway+sidecar"`, "weir run"},
		{[]string{"help", "ca", "isue"}, `there is no command "ca isue"; "weir --help" lists them`, ""},
	} {
		p := start(t, c.args...)
		if code := p.wait(); code != 2 || p.out.String() != "" {
			t.Errorf("%q: exit code %d, want 2; standard output %q", c.args, code, &p.out)
		}
		if !p.log.Has("weir: "+c.says) || c.command != "" && !p.log.Has(`Run "`+c.command+` --help" for how it is used.`) {
			t.Errorf("%q: says %q", c.args, &p.log)
		}
	}
}

// TestCheck runs over the files of testdata/check.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		golden string
		code   int
		args   []string
	}{
		{"check-good", 0, []string{"good.toml"}},
		{"check-bad", 1, []string{"bad.toml"}},
		{"check-several", 1, []string{"good.toml", "bad.toml", "missing.toml", "bad-filters.toml"}},
		{"check-filters", 1, []string{"bad-filters.toml"}},
		{"check-filters-quick", 0, []string{"--quick", "bad-filters.toml"}},
		{"check-routes", 1, []string{"bad-routes.toml"}},
		{"check-notes", 0, []string{"notes.toml"}},
		{"check-notes-order", 0, []string{"notes-order.toml"}},
		{"check-notes-both", 0, []string{"--role", "gateway+sidecar", "notes-order.toml"}},
		{"check-role-gateway", 0, []string{"--quick", "--role", "gateway", "sidecar-lacks-app.toml"}},
		{"check-role-sidecar", 1, []string{"--quick", "--role", "sidecar", "sidecar-lacks-app.toml"}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			p := setup{dir: "testdata/check"}.start(t, append([]string{"check"}, c.args...)...)
			if code := p.waitFor(compiling); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			golden(t, c.golden, p.out.String()+"---\n"+p.log.String())
		})
	}
}

// TestWithoutBuiltins: a program that was built before its filters' module.
func TestWithoutBuiltins(t *testing.T) {
	lean, err := build("lean", "")
	if err != nil {
		t.Fatal(err)
	}
	p := setup{program: lean, dir: "testdata/check"}.start(t, "check", "good.toml")
	if code := p.wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !p.out.Has("filters.id", "not in this binary", `run "go generate ./filters/builtin" and build again`) {
		t.Errorf("says %s", &p.out)
	}
}
