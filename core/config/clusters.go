package config

// AppCluster is the name of the cluster whose endpoint is sidecar.app. It is
// there whenever sidecar.app is; a table of that name without endpoints tunes it.
const AppCluster = "app"

// Cluster is one named upstream. Where the role is gateway+sidecar, its
// defaults are the gateway's: both sides share its connections.
type Cluster struct {
	// Addresses, "host:port", or tables with a weight. At least one, unless they are discovered.
	Endpoints []Endpoint `toml:"endpoints" check:"short=address"`
	// Where the endpoints are asked for, instead of endpoints. Default: they are those.
	Discover *Discover `toml:"discover"`
	// How an endpoint is picked: "p2c" the less loaded of two, "round_robin" in turn, "ring_hash" by what hash says, "peak_ewma" the one of two that is likely to answer sooner. Default "p2c".
	Balance string `toml:"balance" check:"oneof=p2c|round_robin|ring_hash|peak_ewma"`
	// What sends requests to the same endpoint, for balance = "ring_hash". Default: what filters say.
	Hash *Hash `toml:"hash"`
	// What is spoken: "http1", "http2" (in clear by prior knowledge), "auto" by ALPN, which needs tls. Default "http1".
	// Of requests and health checks: connections of [[tcp]] speak what their clients do, and offer nothing by ALPN.
	Protocol string `toml:"protocol" check:"oneof=http1|http2|auto"`
	// HTTP/2: streams at once of one connection, if the endpoint does not ask for fewer. Default 100.
	Streams int `toml:"streams" check:"min=1,max=10000"`
	// HTTP/2: a connection with streams that says nothing for this long is asked whether it is there, and is lost without an answer within 5 s, or "off"; in silence that lasts, from the fourth time on at least 5 minutes. Default "15s".
	Ping Duration `toml:"ping" check:"min=100ms,max=1h,off"`
	// Connections to one endpoint. Default 1024.
	Connections int `toml:"connections" check:"min=1,max=1000000"`
	// Requests that wait for a connection to one endpoint, 0 for none. Default 1024.
	Pending int `toml:"pending" check:"min=0,max=1000000"`
	// Longest wait for a connection. Default "1s".
	PendingWait Duration `toml:"pending_wait" check:"min=1ms,max=5m"`
	// To connect. Default "3s", sidecar "1s".
	ConnectTimeout Duration `toml:"connect_timeout" check:"min=1ms,max=5m"`
	// An idle connection is closed after this; shorter than the upstream's own. Default "4s", sidecar "3s".
	IdleTimeout Duration `toml:"idle_timeout" check:"min=10ms,max=24h"`
	// A connection is not used again after this, give or take 10 %, or "off". Default "10m".
	MaxAge Duration `toml:"max_age" check:"min=100ms,max=168h,off"`
	// Share of the requests under way that may be retries, 0 to 1. Default 0.2.
	RetryBudget float64 `toml:"retry_budget" check:"min=0,max=1"`
	// PROXY header sent first on each connection: "off", "v1", "v2". For clusters
	// of [[tcp]] alone: connections of HTTP are shared by clients. Default "off".
	ProxyProtocol string `toml:"proxy_protocol" check:"oneof=off|v1|v2"`
	// Authority sent upstream. Default "": the client's.
	Host string `toml:"host" check:"is=authority"`
	// Share of the endpoints that must be well; with fewer all are used. 0 for never. Default 0.5.
	PanicThreshold float64 `toml:"panic_threshold" check:"min=0,max=1"`
	// Health checks of each endpoint. Default none.
	Health *Health `toml:"health"`
	// Leaves endpoints out whose requests fail. Default: none is.
	Outlier *Outlier `toml:"outlier"`
	// TLS to the endpoints, of requests and of [[tcp]]. Default: none, they are spoken to in clear.
	TLS *ClusterTLS `toml:"tls"`
	// What filters may know of the cluster, in a table for each subject. Default none.
	Metadata map[string]Metadata `toml:"metadata"`
}
