package differential_test

import (
	"encoding/json"
	"net"
	"strconv"
)

type object = map[string]any
type list = []any

// envoyConfig is a listener for each case, in front of one cluster.
func envoyConfig(cases []differentialCase, module string, s *side, refusing string) ([]byte, error) {
	var listeners list
	for i := range cases {
		listeners = append(listeners, envoyListener(&cases[i], module, s.papers))
	}
	return json.MarshalIndent(object{
		"node": object{
			"id": nodeID, "cluster": "edge", "metadata": nodeMetadata,
			"locality": object{"region": "north", "zone": "north-1", "sub_zone": "a"},
		},
		"admin": object{"address": socket("127.0.0.1:0")},
		"static_resources": object{
			"listeners": listeners,
			"clusters": list{
				envoyCluster("origin", s.origins.addr),
				envoyCluster("callee", s.callees.addr),
				envoyCluster("refusing", refusing),
				speaking(envoyCluster("service", s.services.addr)),
			},
		},
	}, "", " ")
}

func envoyListener(c *differentialCase, module string, p *papers) object {
	var filters list
	for i := range c.filters {
		filters = append(filters, envoyFilter(c, i, module))
	}
	filters = append(filters, extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router", object{
		"suppress_envoy_headers": true,
	}))
	manager := object{
		"stat_prefix":           "in",
		"generate_request_id":   false,
		"delayed_close_timeout": "0.1s", // where it cuts
		"http_protocol_options": object{"enable_trailers": true},
		// Weir tells upstream who the client is; so shall Envoy.
		"early_header_mutation_extensions": list{
			extension("client", "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", object{
				"mutations": list{object{"append": object{
					"header":        object{"key": "x-forwarded-for", "value": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"},
					"append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
				}}},
			}),
		},
		"route_config": object{"virtual_hosts": list{object{
			"name": "all", "domains": list{"*"},
			"routes": list{object{"name": c.name, "match": object{"prefix": "/"}, "route": object{"cluster": "origin"},
				"metadata": object{"filter_metadata": routeMetadata}}},
		}}},
		"http_filters": filters,
	}
	filterChain := object{"filters": list{
		extension("envoy.filters.network.http_connection_manager",
			"extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", manager),
	}}
	listener := object{"name": c.name, "address": socket("127.0.0.1:0"), "filter_chains": list{filterChain}}
	if c.secured != nil {
		filterChain["transport_socket"] = p.envoySocket()
		// Envoy learns of the client's server name by it.
		listener["listener_filters"] = list{extension("envoy.filters.listener.tls_inspector", "extensions.filters.listener.tls_inspector.v3.TlsInspector", object{})}
	}
	return listener
}

func envoyFilter(c *differentialCase, place int, module string) object {
	f := &c.filters[place]
	vm := object{
		"vm_id":   f.vmName(),
		"runtime": "envoy.wasm.runtime.v8",
		"code":    object{"local": object{"filename": module}},
	}
	plugin := object{
		"name": filterName(c, place), "root_id": f.rootID(c, place), "vm_config": vm,
		"configuration": text(f.pluginConfig()),
	}
	if f.inVM {
		vm["configuration"] = text(f.program.String())
	}
	if f.pause {
		plugin["allow_on_headers_stop_iteration"] = true
	}
	if f.open {
		plugin["failure_policy"] = "FAIL_OPEN"
	}
	return extension(filterName(c, place), "extensions.filters.http.wasm.v3.Wasm", object{"config": plugin})
}

func envoyCluster(name, addr string) object {
	return object{
		"name": name, "type": "STATIC", "connect_timeout": "3s",
		"metadata": object{"filter_metadata": clusterMetadata},
		"typed_extension_protocol_options": object{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": object{
			"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
			"explicit_http_config": object{"http_protocol_options": object{"enable_trailers": true}},
		}},
		"load_assignment": object{"cluster_name": name, "endpoints": list{object{
			"lb_endpoints": list{object{"endpoint": object{"address": socket(addr)}}},
		}}},
	}
}

// speaking is a cluster whose upstream speaks HTTP/2.
func speaking(cluster object) object {
	options := cluster["typed_extension_protocol_options"].(object)["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"].(object)
	options["explicit_http_config"] = object{"http2_protocol_options": object{}}
	return cluster
}

func socket(addr string) object {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return object{"socket_address": object{"address": host, "port_value": n}}
}

func text(s string) object {
	return object{"@type": "type.googleapis.com/google.protobuf.StringValue", "value": s}
}

func extension(name, kind string, config object) object {
	config["@type"] = "type.googleapis.com/envoy." + kind
	return object{"name": name, "typed_config": config}
}
