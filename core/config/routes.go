package config

// Route says which requests go through which filters to which cluster.
type Route struct {
	// Name in logs, metrics and properties, unique on each side. Default "route-" and its number.
	Name string `toml:"name" check:"is=name"`
	// Where it applies: "gateway", "inbound", "outbound". Default: all sides of the role.
	On []Side `toml:"on" check:"oneof=gateway|inbound|outbound"`
	// What a request must have. Default: any request matches.
	Match Match `toml:"match"`
	// Filters, in the order requests pass them: names, or tables that also say
	// which requests a filter sees. Default none.
	Filters []Link `toml:"filters" check:"short=name"`
	// Name of the cluster requests go to. Either this or clusters; default "app" on inbound routes.
	// Neither is needed with a filter "redirect" or "respond": what that lets through gets 503.
	Cluster string `toml:"cluster"`
	// Clusters that share the requests by weight. Either this or cluster.
	Clusters []WeightedCluster `toml:"clusters"`
	// For the whole response, from the end of the request, or "off". Default "30s", sidecar "15s".
	Timeout Duration `toml:"timeout" check:"min=1ms,max=24h,off"`
	// For one attempt, from its start, connecting included, to the response's head. While a body
	// is uploaded it does not run, and begins anew behind it. Default: timeout alone bounds it.
	PerTry Duration `toml:"per_try" check:"optional,min=1ms,max=24h"`
	// Longest time without a byte in either direction, or "off". Default "5m".
	Idle Duration `toml:"idle" check:"min=10ms,max=168h,off"`
	// When and how often a request is sent again.
	Retries Retries `toml:"retries"`
	// Bytes of a request body, 0 for no bound. Default: limits.body.
	MaxBody Size `toml:"max_body" check:"min=0B"`
	// Which requests are given up last when there are too many, or memory is short:
	// "high", "normal" or "low". Default "normal".
	Priority string `toml:"priority" check:"oneof=high|normal|low"`
	// Protocols a connection may be upgraded to, lower case. Default ["websocket"].
	Upgrades []string `toml:"upgrades" check:"is=upgrade"`
	// Calls of gRPC-Web, which browsers make, go on as gRPC, and what answers them comes back in their form. Default false.
	GRPCWeb bool `toml:"grpc_web"`
	// What filters may know of the route, in a table for each subject. Default none.
	Metadata map[string]Metadata `toml:"metadata"`

	// At is the route's place in the file, from 0. A gateway+sidecar has more routes.
	At int `toml:"-"`
}

// Match is what a request must have. What is not given matches all. Of path,
// path_prefix, path_regex and path_template at most one is given.
type Match struct {
	// Hosts without port, "a.example", "*.example" or "*".
	Hosts []string `toml:"hosts" check:"is=host"`
	// The exact path.
	Path string `toml:"path" check:"is=path"`
	// Path prefix that ends on a segment border: "/a" matches "/a" and "/a/b", not "/ab".
	PathPrefix string `toml:"path_prefix" check:"is=path"`
	// RE2 expression that the whole path matches.
	PathRegex string `toml:"path_regex" check:"is=regex"`
	// Path with "{name}" for a segment and "{name...}" for the rest.
	PathTemplate string `toml:"path_template" check:"is=template"`
	// Methods, upper case.
	Methods []string `toml:"methods" check:"is=method"`
	// Header name to its exact value; "*" present, "!" absent, "~" and an RE2 expression.
	Headers map[string]string `toml:"headers" check:"keys=header,is=valuematch"`
	// Query parameter to its value, as headers.
	Query map[string]string `toml:"query" check:"is=valuematch"`
}

// WeightedCluster is one share of a split.
type WeightedCluster struct {
	// Name of a cluster.
	Name string `toml:"name"`
	// Its share of the sum of all weights, 0 for none. Default 1.
	Weight int `toml:"weight" check:"min=0,max=1000000"`
}

// Retries of a route.
type Retries struct {
	// Attempts beside the first, 0 for none. Default 1, sidecar 2.
	Max int `toml:"max" check:"min=0,max=10"`
	// Bytes of a request body kept for them. Default "64KiB".
	Buffer Size `toml:"buffer" check:"min=0B,max=64MiB"`
	// Upstream statuses that are tried again for idempotent methods. Default none.
	OnStatus []int `toml:"on_status" check:"min=400,max=599"`
	// Statuses of gRPC calls that are tried again, when an upstream gives one before any message: "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable". An HTTP error counts as what it means to gRPC. Default none.
	OnGRPC []string `toml:"on_grpc" check:"oneof=cancelled|deadline-exceeded|internal|resource-exhausted|unavailable"`
	// Wait before the second attempt, doubled after each, with jitter. Default "25ms".
	BackOff Duration `toml:"back_off" check:"min=0s,max=1m"`
}
