package config

import (
	"strings"

	"github.com/weirproxy/weir/core/source/ref"
)

// Modules is how modules from https:// and oci:// are got and kept. HTTPS_PROXY
// and NO_PROXY of the environment are heeded.
type Modules struct {
	// Folder they are kept in, relative to this file, or "off". Default: a folder in the user's cache.
	Folder string `toml:"folder" check:"min=1"`
	// Most that is kept; what was used longest ago goes first. Default "1GiB".
	Size Size `toml:"size" check:"min=64MiB,max=1024GiB"`
	// For all modules of a start or reload together, with every try. Default "1m".
	Timeout Duration `toml:"timeout" check:"min=100ms,max=1h"`
	// Between two looks at where tags of images point; each reload looks too. Default "off".
	Refresh Duration `toml:"refresh" check:"min=1s,max=168h,off"`
	// File of PEM certificates that servers are trusted by, relative to this file. Default: the system's.
	Roots string `toml:"roots"`
}

// moduleWrong: where a module comes from.
func moduleWrong(s string) string {
	if _, err := ref.Parse(s); err != nil {
		return err.Error()
	}
	return ""
}

// fromFile says whether a module is a file.
func fromFile(module string) bool { return !strings.Contains(module, "://") }

// checkModule finds what a module's source lacks, and keys it has no use for.
func checkModule(r *report, f Filter, key string) {
	from, err := ref.Parse(f.Module)
	if err != nil {
		return // reported by its format
	}
	if from.Kind == ref.HTTP && f.SHA256 == "" {
		r.add(within(key, "sha256"), "missing; a module from a URL is known by its content alone")
	}
	if f.Credentials != nil {
		checkCredentials(r, f.Credentials, from.Kind == ref.OCI, within(key, "credentials"))
	}
	switch {
	case !f.Insecure:
	case from.Kind != ref.OCI:
		r.add(within(key, "insecure"), "is given, but the module is not from a registry (oci://); leave it out")
	case !ref.Loopback(from.Registry):
		r.add(within(key, "insecure"), "is true, but %q is not this machine; whoever is between could read what we send", from.Registry)
	}
}

// checkCredentials finds credentials that are none, or that stand in the file.
func checkCredentials(r *report, v any, registry bool, key string) {
	secret, ok := v.(Secret)
	switch {
	case !registry:
		r.add(key, "are given, but the module is not from a registry (oci://); leave them out")
	case !ok:
		r.add(key, "are %s, want { env = \"NAME\" } or { file = \"path\" }", kindOf(v))
	case !strings.HasPrefix(strings.TrimSpace(secret.text), "{") && !strings.Contains(secret.text, ":"):
		r.add(key, "are neither \"user:password\" nor a docker config.json")
	}
}

// Remote says whether the module is one of another machine.
func (f *Filter) Remote() bool { return f.Module != "" && !fromFile(f.Module) }

// RegistryCredentials are a filter's credentials as text, "" for none.
func (f *Filter) RegistryCredentials() string {
	secret, _ := f.Credentials.(Secret)
	return secret.text
}
