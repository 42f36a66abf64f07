package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Provider is a program beside Weir that knows the outside world, such as a
// registry of services. Weir starts it when a cluster asks for it, and starts it
// again when it ends; while it is away, what it said last stays in use.
type Provider struct {
	// The program and its arguments: a path with a slash, relative to this file, or a name in PATH. Needed.
	Command []string `toml:"command"`
	// What it is given: a table, as JSON. { env = "NAME" } and { file = "path" } stand for a secret. Default nothing.
	Config any `toml:"config"`
	// SHA-256 the program must have, 64 hex digits. Default "": any.
	SHA256 string `toml:"sha256" check:"is=sha256"`
	// Environment it sees; nothing of ours. Default nothing.
	Env map[string]string `toml:"env" check:"keys=envname"`
	// Longest from its start to its being configured; then it is killed and started again. Default "10s".
	StartTimeout Duration `toml:"start_timeout" check:"min=100ms,max=5m"`
	// Longest answer of a call. Default "5s".
	CallTimeout Duration `toml:"call_timeout" check:"min=100ms,max=5m"`
	// How often it is asked whether it lives; one that does not say so twice is killed and started again. Default "5s".
	Ping Duration `toml:"ping" check:"min=100ms,max=5m"`
}

func (p *Provider) preset(Side) {
	*p = Provider{StartTimeout: 10 * second, CallTimeout: 5 * second, Ping: 5 * second}
}

func (p *Provider) complete(dir string) {
	if len(p.Command) == 0 || !strings.Contains(p.Command[0], "/") {
		return
	}
	path := resolvePath(dir, p.Command[0])
	if !strings.Contains(path, "/") {
		path = "." + string(filepath.Separator) + path // or it would be looked up in PATH
	}
	p.Command[0] = path
}

func (p *Provider) check(r *report, key string) {
	if len(p.Command) == 0 {
		r.add(within(key, "command"), "missing; name the provider's program: [\"weir-consul\"]")
	}
	switch p.Config.(type) {
	case nil:
	case map[string]any:
		checkJSON(r, p.Config, within(key, "config"))
	default:
		r.add(within(key, "config"), "is %s, want a table", kindOf(p.Config))
	}
}

// ConfigJSON is what the provider is given. Its tables are known to fit.
func (p *Provider) ConfigJSON() []byte {
	b, err := FilterConfigJSON(p.Config)
	if err != nil {
		panic(fmt.Sprintf("config: a provider's config that was checked: %v", err))
	}
	return b
}
