package config

// checkFilter finds what a filter lacks and keys that exclude each other.
func (c *Config) checkFilter(r *report, f Filter, key string) {
	switch {
	case f.Use == "" && f.Module == "":
		r.add(within(key, "use"), "missing, and module too; name a built-in filter or a .wasm file")
	case f.Use != "" && f.Module != "":
		r.add(within(key, "module"), "is given beside use; a filter is a built-in or a module of yours")
	case f.Use != "" && f.SHA256 != "":
		r.add(within(key, "sha256"), "is given, but a built-in filter is part of this binary; leave it out")
	}
	checkModule(r, f, key)
	if f.Security && f.OnError == OnErrorOpen {
		r.add(within(key, "on_error"), "is \"open\", but the filter has security = true and so cannot fail open; leave one out")
	}
	if f.Security && f.VM != "" && f.VM != "own" {
		r.add(within(key, "vm"), "is %q, but the filter has security = true and so a VM of its own; leave one out", f.VM)
	}
	c.checkSigned(r, f, key)
	c.checkNames(r, f.Calls, within(key, "calls"), "clusters", c.hasCluster)
	checkGuestConfig(r, f.Config, within(key, "config"))
	checkGuestConfig(r, f.VMConfig, within(key, "vm_config"))
}

// checkGuestConfig finds what a guest cannot be given.
func checkGuestConfig(r *report, v any, key string) {
	switch v.(type) {
	case nil, string, Secret:
	case map[string]any:
		checkJSON(r, v, key)
	default:
		r.add(key, "is %s, want a table or a string", kindOf(v))
	}
}

// checkJSON finds values that JSON does not have.
func checkJSON(r *report, v any, key string) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			checkJSON(r, x, within(key, name))
		}
	case []any:
		for i, x := range v {
			checkJSON(r, x, element(key, i))
		}
	default:
		if _, err := appendJSON(nil, v, ""); err != nil {
			r.add(key, "%v", err)
		}
	}
}
