package config_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/weirproxy/weir/core/config"
)

// example is the proxy.toml of the repository: it is the documentation too.
const example = "../../proxy.toml"

var roles = []config.Role{config.RoleGateway, config.RoleSidecar, config.RoleGatewaySidecar}

func TestProxyTOMLLoadsForEveryRole(t *testing.T) {
	for _, role := range roles {
		c, err := config.Load(example, config.Overrides{Role: role, LookupEnv: environment})
		if err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		for _, side := range role.Sides() {
			if len(c.RoutesFor(side)) == 0 {
				t.Errorf("%s: no route for the side %s", role, side)
			}
		}
	}
}

// TestProxyTOMLDiffersInTheRoleLine: the file of a gateway and that of a sidecar are the
// same but for one line, and --role is that line.
func TestProxyTOMLDiffersInTheRoleLine(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	const line = `role = "gateway"`
	lines := strings.Split(string(text), "\n")
	at := slices.Index(lines, line)
	if at < 0 || slices.Contains(lines[at+1:], line) {
		t.Fatalf("proxy.toml has the line %s not once", line)
	}
	for _, role := range roles {
		lines[at] = fmt.Sprintf("role = %q", role)
		written := parse(t, strings.Join(lines, "\n"), config.Overrides{LookupEnv: environment})
		told, err := config.Load(example, config.Overrides{Role: role, LookupEnv: environment})
		if err != nil {
			t.Fatal(err)
		}
		if written.Role != role || !reflect.DeepEqual(written.Masked(), told.Masked()) {
			t.Errorf("%s: the file means\n%v\nwith --role it means\n%v", role, written.Masked(), told.Masked())
		}
	}
}

// TestProxyTOMLWithEverything takes the "#" away from every setting: what is
// commented out must be right too.
func TestProxyTOMLWithEverything(t *testing.T) {
	text := everything(t)
	for _, role := range roles {
		if _, err := config.Parse("proxy.toml", text, config.Overrides{Role: role, LookupEnv: environment}); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// TestProxyTOMLHasEveryKey finds keys that the example does not explain.
func TestProxyTOMLHasEveryKey(t *testing.T) {
	var table map[string]any
	if err := toml.Unmarshal(everything(t), &table); err != nil {
		t.Fatal(err)
	}
	shown := map[reflect.Type]map[string]bool{}
	gather(reflect.TypeFor[config.Config](), []any{table}, shown)
	for typ, keys := range shown {
		for f := range typ.Fields() {
			if key := f.Tag.Get("toml"); key != "-" && !keys[key] {
				t.Errorf("proxy.toml lacks the key %q of %s", key, typ.Name())
			}
		}
	}
}

// TestProxyTOMLTellsDefaults compares what is commented out with the gateway's
// defaults.
func TestProxyTOMLTellsDefaults(t *testing.T) {
	c, err := config.Parse("proxy.toml", everything(t), config.Overrides{Role: config.RoleGateway, LookupEnv: environment})
	if err != nil {
		t.Fatal(err)
	}
	d := config.Default(config.RoleGateway)
	// What is the machine's own is shown by an example instead.
	c.Limits.Connections = d.Limits.Connections
	c.Wasm.Lanes, c.Wasm.Cache, c.Wasm.Memory = d.Wasm.Lanes, d.Wasm.Cache, d.Wasm.Memory
	c.Errors.HTML = d.Errors.HTML
	c.Modules.Folder, c.Modules.Roots = d.Modules.Folder, d.Modules.Roots
	c.Trust.Proxies, c.Trust.ProxyProtocol, c.Wasm.Keys = nil, nil, nil
	for _, pair := range [][2]any{
		{c.Limits, d.Limits}, {c.Timeouts, d.Timeouts}, {c.Paths, d.Paths}, {c.Wasm, d.Wasm}, {c.Modules, d.Modules},
		{c.Log, d.Log}, {c.Trust, d.Trust}, {c.Admin, d.Admin}, {c.Overload, d.Overload}, {c.Errors, d.Errors},
		{c.Sidecar.Inbound, d.Sidecar.Inbound}, {c.Sidecar.Outbound, d.Sidecar.Outbound},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%T: the file tells %+v, the default is %+v", pair[0], pair[0], pair[1])
		}
	}
	plain, err := config.Load(example, config.Overrides{Role: config.RoleGateway, LookupEnv: environment})
	if err != nil {
		t.Fatal(err)
	}
	told, silent := c.Clusters["demo"], plain.Clusters["demo"]
	if !reflect.DeepEqual(told, silent) {
		t.Errorf("clusters: the file tells %+v, the default is %+v", told, silent)
	}
	// The default of per_try and of what is tried again is to have none.
	all, def := c.RoutesFor(config.SideGateway)[1], plain.RoutesFor(config.SideGateway)[1]
	all.PerTry, all.Retries.OnStatus, all.Retries.OnGRPC = def.PerTry, def.Retries.OnStatus, def.Retries.OnGRPC
	if !reflect.DeepEqual(all, def) {
		t.Errorf("routes: the file tells %+v, the default is %+v", all, def)
	}
}

var commented = regexp.MustCompile(`(?m)^#([a-z\[])`)

// everything is the example with all that is commented out.
func everything(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	return commented.ReplaceAll(data, []byte("$1"))
}

// gather notes which keys of a table's struct any of its examples has, wherever
// such a table stands.
func gather(typ reflect.Type, examples []any, shown map[reflect.Type]map[string]bool) {
	if shown[typ] == nil {
		shown[typ] = map[string]bool{}
	}
	for f := range typ.Fields() {
		key := f.Tag.Get("toml")
		if key == "-" {
			continue
		}
		var values []any
		for _, e := range examples {
			t, _ := e.(map[string]any) // or the table's short form
			if v, ok := t[key]; ok {
				values, shown[typ][key] = append(values, v), true
			}
		}
		elem := f.Type
		if elem.Kind() == reflect.Slice || elem.Kind() == reflect.Map {
			elem, values = elem.Elem(), inside(values)
		}
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		if elem.Kind() == reflect.Struct {
			gather(elem, values, shown)
		}
	}
}

// inside are the elements of arrays and tables.
func inside(values []any) (all []any) {
	for _, v := range values {
		switch v := v.(type) {
		case []map[string]any:
			for _, x := range v {
				all = append(all, x)
			}
		case map[string]any:
			for _, x := range v {
				all = append(all, x)
			}
		case []any:
			all = append(all, slices.Clone(v)...)
		}
	}
	return all
}
