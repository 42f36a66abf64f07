package examples_test

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

type object = map[string]any

const (
	typeHTTP     = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
	typeRouter   = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
	typeWasm     = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"
	keyProtocol  = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
	typeProtocol = "type.googleapis.com/" + keyProtocol
	typeText     = "type.googleapis.com/google.protobuf.StringValue"
	typeDisable  = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
	typeTCP      = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
	typeNetwork  = "type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm"
)

// bootstrap is Envoy's configuration for what the examples use of a proxy.toml.
// There is one chain for all routes, so each route turns off what it does not name.
func bootstrap(t *testing.T, c *config.Config) object {
	t.Helper()
	var routes, filters, clusters []object
	for _, r := range c.Routes {
		off := object{}
		for name := range c.Filters {
			if !slices.Contains(config.LinkNames(r.Filters), name) {
				off[name] = object{"@type": typeDisable, "disabled": true}
			}
		}
		routes = append(routes, object{
			"match": object{"prefix": r.Match.PathPrefix}, "route": object{"cluster": r.Cluster}, "typed_per_filter_config": off,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Filters)) {
		filters = append(filters, object{"name": name, "typed_config": wasm(t, name, c.Filters[name])})
	}
	filters = append(filters, object{"name": "router", "typed_config": object{"@type": typeRouter}})
	for name, cluster := range c.Clusters {
		clusters = append(clusters, object{
			"name": name, "type": "STATIC", "typed_extension_protocol_options": protocol(cluster.Protocol),
			"load_assignment": object{"cluster_name": name, "endpoints": []object{{
				"lb_endpoints": []object{{"endpoint": object{"address": socket(t, cluster.Endpoints[0].Address)}}},
			}}},
		})
	}
	listener := c.Gateway.Listen[0]
	manager := object{
		"@type": typeHTTP, "stat_prefix": "in", "http_filters": filters,
		"route_config": object{"virtual_hosts": []object{{"name": "all", "domains": []string{"*"}, "routes": routes}}},
	}
	chain := []object{{"name": "http", "typed_config": manager}}
	if len(c.TCP) > 0 { // the example is about connections
		listener, chain = c.TCP[0].Listen[0], connections(t, c)
	}
	return object{
		"admin": object{"address": socket(t, "127.0.0.1:0")},
		"static_resources": object{
			"listeners": []object{{
				"name": "gateway", "address": socket(t, listener), "filter_chains": []object{{"filters": chain}},
			}},
			"clusters": clusters,
		},
	}
}

// protocol is what is spoken to a cluster.
func protocol(name string) object {
	options := object{"http_protocol_options": object{}}
	if name == "http2" {
		options = object{"http2_protocol_options": object{}}
	}
	return object{keyProtocol: object{"@type": typeProtocol, "explicit_http_config": options}}
}

// connections is the chain of the first TCP service.
func connections(t *testing.T, c *config.Config) (chain []object) {
	for _, name := range c.TCP[0].Filters {
		f := wasm(t, name, c.Filters[name])
		f["@type"] = typeNetwork
		chain = append(chain, object{"name": name, "typed_config": f})
	}
	return append(chain, object{"name": "tcp", "typed_config": object{"@type": typeTCP, "stat_prefix": "tcp", "cluster": c.TCP[0].Cluster}})
}

// wasm is a filter with a VM of its own.
func wasm(t *testing.T, name string, f config.Filter) object {
	t.Helper()
	text, err := config.FilterConfigJSON(f.Config)
	if err != nil {
		t.Fatal(err)
	}
	return object{"@type": typeWasm, "config": object{
		"name": name, "root_id": f.RootID,
		"configuration": object{"@type": typeText, "value": string(text)},
		"vm_config": object{
			"vm_id": name, "runtime": "envoy.wasm.runtime.v8",
			"code": object{"local": object{"filename": f.Module}},
		},
	}}
}

func socket(t *testing.T, addr string) object {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(fmt.Errorf("address %q: %w", addr, err))
	}
	return object{"socket_address": object{"address": host, "port_value": n}}
}
