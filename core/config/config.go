// Package config is proxy.toml as plain data: [Load] reads it strictly and
// fills in defaults, [Config.Validate] names every problem at once.
//
// Start at [Config].
package config

// Config is a whole proxy.toml.
type Config struct {
	Version int    `toml:"version"` // of this format; 1
	Role    Role   `toml:"role"`
	Node    string `toml:"node"` // id of this proxy in logs and properties; default: the host's name

	Gateway  Gateway            `toml:"gateway"`
	Sidecar  Sidecar            `toml:"sidecar"`
	Admin    Admin              `toml:"admin"`
	Log      Log                `toml:"log"`
	Limits   Limits             `toml:"limits"`   // of listeners; defaults differ by role
	Timeouts Timeouts           `toml:"timeouts"` // of listeners; defaults differ by role
	Trust    Trust              `toml:"trust"`
	Paths    Paths              `toml:"paths"`
	Wasm     Wasm               `toml:"wasm"`
	Filters  map[string]Filter  `toml:"filters"`
	Routes   []Route            `toml:"routes"`
	Clusters map[string]Cluster `toml:"clusters"`
}

// Role says what this process is.
type Role string

// The roles.
const (
	RoleGateway        Role = "gateway"
	RoleSidecar        Role = "sidecar"
	RoleGatewaySidecar Role = "gateway+sidecar"
)

// Gateway is the edge: clients come in here.
type Gateway struct {
	Listen  []string `toml:"listen"`  // addresses; default [":8080"]
	Filters []string `toml:"filters"` // run before those of each gateway route
}

// Sidecar is the proxy beside one service.
type Sidecar struct {
	App      string   `toml:"app"`      // address of the service beside us
	Inbound  string   `toml:"inbound"`  // mesh -> app
	Outbound string   `toml:"outbound"` // app -> mesh
	Filters  []string `toml:"filters"`  // run before those of each inbound and outbound route
}

// Admin is the operator's door. It has no authentication: loopback only.
type Admin struct {
	Listen string `toml:"listen"` // default "127.0.0.1:9901"; "" for none
}

// Log is where logs go and how much of them.
type Log struct {
	Level  string `toml:"level"`  // "debug", "info" (default), "warn", "error"
	Format string `toml:"format"` // "text" (default) or "json"
	Access string `toml:"access"` // "off" (default), "stdout", or a file's path; one JSON object a line
}

// Limits bound what listeners take in. Zero is not "no limit": it is refused.
type Limits struct {
	HeadBytes        Size     `toml:"head_bytes"`        // request head; 32 KiB edge, 64 KiB sidecar
	HeadCount        int      `toml:"head_count"`        // header fields; 100, 128
	RequestLine      Size     `toml:"request_line"`      // 8 KiB, 16 KiB
	ResponseHead     Size     `toml:"response_head"`     // upstream's head; 64 KiB
	Body             Size     `toml:"body"`              // request body unless the route says otherwise; 0 for none; default 0
	Connections      int      `toml:"connections"`       // default: half of the process's file limit, at most 50000
	InFlight         int      `toml:"in_flight"`         // requests; 10000
	Queue            int      `toml:"queue"`             // requests that wait for a place; 1000
	QueueWait        Duration `toml:"queue_wait"`        // 1s
	StreamBuffer     Size     `toml:"stream_buffer"`     // bytes under way a direction; 32 KiB
	FilterBody       Size     `toml:"filter_body"`       // held back by a pausing filter; 1 MiB
	RequestsPerConn  int      `toml:"requests_per_conn"` // then the connection is closed; 0 for no bound; default 0
	DrainUnread      Size     `toml:"drain_unread"`      // unread request body read off to keep a connection; 64 KiB
	InterimResponses int      `toml:"interim_responses"` // 1xx from the upstream; 16
}

// Timeouts of listeners.
type Timeouts struct {
	Head        Duration `toml:"head"`          // whole request head, from its first byte; 10s
	BodyIdle    Duration `toml:"body_idle"`     // between two reads of a body; 30s, 60s
	BodyMinRate Size     `toml:"body_min_rate"` // bytes a second over a window of body_idle; 240, 0 (off)
	WriteIdle   Duration `toml:"write_idle"`    // a write that makes no progress; 30s, 60s
	KeepAlive   Duration `toml:"keep_alive"`    // idle between requests; 60s, 300s
	Tunnel      Duration `toml:"tunnel"`        // upgraded connection without a byte; 1h
	Pause       Duration `toml:"pause"`         // a filter's pause; 30s
	Drain       Duration `toml:"drain"`         // at the end, for what still runs; 30s
	DrainDelay  Duration `toml:"drain_delay"`   // between "not ready" and the end of accepting; 5s edge and sidecar
}

// Trust says whose word about the client counts.
type Trust struct {
	Proxies   []string `toml:"proxies"`    // CIDRs whose X-Forwarded-* and Forwarded are kept and added to; default none
	Via       string   `toml:"via"`        // our name in Via; "" (default) adds none
	Forwarded bool     `toml:"forwarded"`  // also write Forwarded (RFC 7239); default false
	RequestID bool     `toml:"request_id"` // keep an untrusted client's x-request-id; default false
	Reason    bool     `toml:"reason"`     // x-weir-reason on our own error answers; default false
}

// Paths is how request paths are made normal before anything looks at them.
type Paths struct {
	DotSegments    PathAction `toml:"dot_segments"`    // "normalize" (default), "reject", "keep"
	DoubleSlashes  PathAction `toml:"double_slashes"`  // "merge"="normalize" (default), "reject", "keep"
	EscapedSlashes PathAction `toml:"escaped_slashes"` // %2F %5C: "reject" (default), "keep", "decode"
	Backslashes    PathAction `toml:"backslashes"`     // "reject" (default), "keep", "normalize" (to a slash)
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

// Wasm bounds the engine. A filter's own table may lower or raise most.
type Wasm struct {
	Lanes        int      `toml:"lanes"`         // instances a VM; default twice GOMAXPROCS
	Cache        string   `toml:"cache"`         // compile cache folder; default the user's cache folder; "off" for none
	Memory       Size     `toml:"memory"`        // per instance; 32 MiB, Go guests 64 MiB
	Budget       Duration `toml:"budget"`        // CPU of one callback; 10ms
	HostCalls    int      `toml:"host_calls"`    // of one callback; 10000
	LogLines     int      `toml:"log_lines"`     // per filter and second; 100
	MetricSeries int      `toml:"metric_series"` // per filter; 200
	SharedData   Size     `toml:"shared_data"`   // per VM name; 1 MiB
	MinTick      Duration `toml:"min_tick"`      // shortest timer period; 10ms
	MaxCalls     int      `toml:"max_calls"`     // HTTP calls in flight per stream; 8
}

// Filter is one configured filter.
type Filter struct {
	Use      string            `toml:"use"`       // a built-in's name, or
	Module   string            `toml:"module"`    // a .wasm file's path, relative to the configuration file
	SHA256   string            `toml:"sha256"`    // hex digest the module must have
	RootID   string            `toml:"root_id"`   // proxy-wasm root_id; default: the built-in's name, else ""
	VM       string            `toml:"vm"`        // filters of one module and vm name share instances; "own": none does
	VMConfig any               `toml:"vm_config"` // as config, for on_vm_start
	Config   any               `toml:"config"`    // table: reaches the guest as JSON with sorted keys; string: as it is
	OnError  OnError           `toml:"on_error"`  // "closed" (default) or "open"
	Security bool              `toml:"security"`  // cannot be opened, gets a VM of its own
	Calls    []string          `toml:"calls"`     // clusters it may reach
	Env      map[string]string `toml:"env"`       // WASI environment
	Memory   Size              `toml:"memory"`    // default wasm.memory
	Budget   Duration          `toml:"budget"`    // default wasm.budget
	OnPause  string            `toml:"on_pause"`  // "stop_all" (default) or "stop_iteration" (Envoy's allow_on_headers_stop_iteration)
}

// OnError is what becomes of a stream whose filter fails.
type OnError string

// The policies.
const (
	OnErrorClosed OnError = "closed"
	OnErrorOpen   OnError = "open"
)

// Route says which requests go through which filters to which cluster.
type Route struct {
	Name     string            `toml:"name"`
	On       []string          `toml:"on"` // "gateway", "inbound", "outbound"; default: all of the role
	Match    Match             `toml:"match"`
	Filters  []string          `toml:"filters"`
	Cluster  string            `toml:"cluster"`
	Clusters []WeightedCluster `toml:"clusters"` // instead of cluster
	Timeout  Duration          `toml:"timeout"`  // whole response, from the end of the request; 30s gateway, 15s sidecar; "off" (-1) for none
	PerTry   Duration          `toml:"per_try"`  // one attempt's response head; default: timeout alone
	Idle     Duration          `toml:"idle"`     // no byte in either direction; 5m
	Retries  Retries           `toml:"retries"`
	MaxBody  Size              `toml:"max_body"` // default limits.body
	Upgrades []string          `toml:"upgrades"` // protocols that may be upgraded to, lower case; default ["websocket"]
}

// Match is what a request must have. What is not given matches all.
type Match struct {
	Hosts        []string          `toml:"hosts"`         // "a.example", "*.example"
	Path         string            `toml:"path"`          // exact
	PathPrefix   string            `toml:"path_prefix"`   // ends on a segment border
	PathRegex    string            `toml:"path_regex"`    // RE2, whole path
	PathTemplate string            `toml:"path_template"` // "/users/{id}/orders/{rest...}"
	Methods      []string          `toml:"methods"`
	Headers      map[string]string `toml:"headers"` // name -> exact value; "*" present; "~re" regular expression; "!" absent
	Query        map[string]string `toml:"query"`   // as headers
}

// WeightedCluster is one share of a split.
type WeightedCluster struct {
	Name   string `toml:"name"`
	Weight int    `toml:"weight"`
}

// Retries of a route.
type Retries struct {
	Max      int      `toml:"max"`       // beside the first attempt; 1 gateway, 2 sidecar
	Buffer   Size     `toml:"buffer"`    // request body kept for them; 64 KiB
	OnStatus []int    `toml:"on_status"` // upstream answers that are tried again for idempotent methods; default none
	BackOff  Duration `toml:"back_off"`  // before the second, doubled after, with jitter; 25ms
}

// Cluster is one named upstream.
type Cluster struct {
	Endpoints      []string `toml:"endpoints"`       // "host:port" or "ip:port"
	Balance        string   `toml:"balance"`         // "p2c" (default), "round_robin"
	Connections    int      `toml:"connections"`     // per endpoint; 1024
	Pending        int      `toml:"pending"`         // waiting for a connection, per endpoint; 1024
	PendingWait    Duration `toml:"pending_wait"`    // 1s
	ConnectTimeout Duration `toml:"connect_timeout"` // 3s edge, 1s sidecar
	IdleTimeout    Duration `toml:"idle_timeout"`    // pooled connection; 4s, 3s
	MaxAge         Duration `toml:"max_age"`         // of a connection, +-10 %; 10m
	RetryBudget    float64  `toml:"retry_budget"`    // share of requests that may be retries; 0.2
	Host           string   `toml:"host"`            // authority sent upstream; default: the client's
}
