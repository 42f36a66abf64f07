package config

// Config is a whole proxy.toml.
type Config struct {
	// Version of this format. Default 1, the only one.
	Version int `toml:"version" check:"min=1,max=1"`
	// What this process is: "gateway" at the edge, "sidecar" beside a service,
	// or both. WEIR_ROLE and --role stand above it. Default "gateway".
	Role Role `toml:"role" check:"oneof=gateway|sidecar|gateway+sidecar"`
	// Who this process is among others: a table, or its id alone.
	Node Node `toml:"node" check:"short=id"`

	// Who this process is in a mesh. Default: nobody.
	Identity *Identity `toml:"identity"`
	// The edge. Used where the role has a gateway.
	Gateway Gateway `toml:"gateway"`
	// The proxy beside a service. Used where the role has a sidecar.
	Sidecar Sidecar `toml:"sidecar"`
	// The operator's door.
	Admin Admin `toml:"admin"`
	// Where logs go and how much of them.
	Log Log `toml:"log"`
	// Where the spans of requests go.
	Trace Trace `toml:"trace"`
	// What listeners take in. Defaults differ by role.
	Limits Limits `toml:"limits"`
	// How long listeners wait. Defaults differ by role.
	Timeouts Timeouts `toml:"timeouts"`
	// What is given up, step by step, when memory runs short.
	Overload Overload `toml:"overload"`
	// How our own error answers look.
	Errors Errors `toml:"errors"`
	// Whose word about the client counts.
	Trust Trust `toml:"trust"`
	// How request paths are made normal before anything looks at them.
	Paths Paths `toml:"paths"`
	// Bounds of the WebAssembly engine.
	Wasm Wasm `toml:"wasm"`
	// How modules from https:// and oci:// are got and kept.
	Modules Modules `toml:"modules"`
	// The configured filters by name. Routes and roles name them.
	Filters map[string]Filter `toml:"filters" check:"keys=name"`
	// Which requests go through which filters to which cluster.
	Routes []Route `toml:"routes"`
	// Services whose connections carry bytes, whatever they mean.
	TCP []TCP `toml:"tcp"`
	// Programs beside Weir that know the outside world, by name. Clusters name them.
	Providers map[string]Provider `toml:"providers" check:"keys=name"`
	// Where limits are kept that hold over a fleet of proxies.
	Store Store `toml:"store"`
	// The named upstreams.
	Clusters map[string]Cluster `toml:"clusters" check:"keys=name"`

	// SidecarLimits and SidecarTimeouts are those of the sidecar's listeners
	// where the role is gateway+sidecar, nil otherwise: the file's own values
	// are the same, the defaults are not. [Config.LimitsFor] chooses.
	SidecarLimits   *Limits   `toml:"-"`
	SidecarTimeouts *Timeouts `toml:"-"`

	source *source `toml:"-"` // nil for a configuration that is not from a file
}

// Gateway is the edge: clients come in here.
type Gateway struct {
	// Addresses clients connect to, "host:port" or ":port". Default [":8080"].
	Listen []string `toml:"listen" check:"is=listen"`
	// Addresses clients connect to with TLS. Default none.
	TLSListen []string `toml:"tls_listen" check:"is=listen"`
	// What they show and ask for.
	TLS GatewayTLS `toml:"tls"`
	// Filters that run before those of each gateway route. Default none.
	Filters []Link `toml:"filters" check:"short=name"`
}

// Sidecar is the proxy beside one service.
type Sidecar struct {
	// Address of the service beside us, "host:port". Needed where the role has
	// a sidecar with an inbound listener. It is the endpoint of the cluster "app".
	App string `toml:"app" check:"is=endpoint"`
	// Address the mesh connects to, for the app. Default ":15006"; "" for none.
	Inbound string `toml:"inbound" check:"is=listen"`
	// Address the app connects to, for the mesh. Default "127.0.0.1:15001"; "" for none.
	Outbound string `toml:"outbound" check:"is=listen"`
	// TLS of what comes to inbound, and to [[tcp]] on that side: "strict", both sides show
	// who they are; "permissive", so or in clear; "off". Default "strict" where there is an [identity].
	MTLS string `toml:"mtls" check:"oneof=strict|permissive|off"`
	// Filters that run before those of each inbound and outbound route. Default none.
	Filters []Link `toml:"filters" check:"short=name"`
	// Name of the [[tcp]] service that takes what comes to inbound and is not
	// HTTP; routes and their filters do not see it. Default "": it is refused.
	InboundTCP string `toml:"inbound_tcp" check:"is=name"`
	// The same for outbound.
	OutboundTCP string `toml:"outbound_tcp" check:"is=name"`
	// What becomes of a connection or a request of the app that no route and no cluster is
	// for, and that says where it goes: "refuse"; "pass" lets it go there. The same for what
	// comes redirected to inbound and is not HTTP, unless inbound routes have a filter of
	// security, which it would go past: then intercept.ports says which ports are not HTTP,
	// or inbound_tcp takes it. Default "refuse".
	Unknown string `toml:"unknown" check:"oneof=refuse|pass"`
	// How connections come that were meant for others; what "weir intercept" sets up.
	Intercept Intercept `toml:"intercept"`
}

// Admin is the operator's door. It has no authentication, so it opens on the
// loopback interface or a Unix socket only.
type Admin struct {
	// Loopback address of health, metrics and what runs, or "unix:/path" for
	// a socket of ours alone. Default "127.0.0.1:9901"; "" for none.
	Listen string `toml:"listen" check:"is=local"`
}

// Log is where logs go and how much of them.
type Log struct {
	// Least severity written to standard error. Default "info".
	Level string `toml:"level" check:"oneof=debug|info|warn|error"`
	// Form of a log line; "auto" is text on a terminal, JSON otherwise. Default "auto".
	Format string `toml:"format" check:"oneof=auto|text|json"`
	// Access log, one JSON object a line: "off", "stdout", or a file's path
	// relative to this file. Default "off".
	Access string `toml:"access" check:"min=1"`
}

// Trust says whose word about the client counts.
type Trust struct {
	// Networks (CIDR) whose X-Forwarded-* and Forwarded are kept and added to. Default none.
	Proxies []string `toml:"proxies" check:"is=cidr"`
	// Networks (CIDR) whose connections must begin with a PROXY header, version 1 or
	// 2; the client is who it names. Others may not send one. Default none.
	ProxyProtocol []string `toml:"proxy_protocol" check:"is=cidr"`
	// Our name in the Via header. Default "": no Via is added.
	Via string `toml:"via" check:"is=token"`
	// Also write Forwarded (RFC 7239). Default false.
	Forwarded bool `toml:"forwarded"`
	// Keep an untrusted client's x-request-id. Default false.
	RequestID bool `toml:"request_id"`
	// Tell in x-weir-reason why we answered an error ourselves. Default false.
	Reason bool `toml:"reason"`
}

// Paths is how request paths are made normal before anything looks at them,
// so that filters, routes and the upstream see one and the same path.
type Paths struct {
	// "/a/../b" and "/./b". Default "normalize".
	DotSegments PathAction `toml:"dot_segments" check:"oneof=normalize|reject|keep"`
	// "/a//b". "normalize" merges the slashes. Default "normalize".
	DoubleSlashes PathAction `toml:"double_slashes" check:"oneof=normalize|reject|keep"`
	// "%2F" and "%5C". Default "reject".
	EscapedSlashes PathAction `toml:"escaped_slashes" check:"oneof=reject|keep|decode"`
	// "\" in a path. "normalize" makes it a slash. Default "reject".
	Backslashes PathAction `toml:"backslashes" check:"oneof=reject|keep|normalize"`
}

// PathAction is what becomes of an unusual path.
type PathAction string

// The actions.
const (
	PathNormalize PathAction = "normalize"
	PathReject    PathAction = "reject"
	PathKeep      PathAction = "keep"
	PathDecode    PathAction = "decode"
)
