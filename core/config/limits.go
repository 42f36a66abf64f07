package config

// Limits bound what listeners take in. Zero is not "no limit" unless its key
// says so: it is refused.
type Limits struct {
	// Bytes of a request head. Default "32KiB", sidecar "64KiB".
	HeadBytes Size `toml:"head_bytes" check:"min=1KiB,max=1MiB"`
	// Header fields of a request. Default 100, sidecar 128.
	HeadCount int `toml:"head_count" check:"min=1,max=10000"`
	// Fields of a request whose name has an underscore, which servers in the tradition of CGI
	// read as a hyphen: "allow", "drop", "refuse" by 400. Default "drop", sidecar "allow".
	Underscores string `toml:"underscores" check:"oneof=allow|drop|refuse"`
	// Bytes of a request line. Default "8KiB", sidecar "16KiB".
	RequestLine Size `toml:"request_line" check:"min=64B,max=1MiB"`
	// Bytes of an upstream's response head. Default "64KiB".
	ResponseHead Size `toml:"response_head" check:"min=1KiB,max=1MiB"`
	// Bytes of a request body unless the route says otherwise, 0 for no bound. Default 0.
	Body Size `toml:"body" check:"min=0B"`
	// Client connections open at once. Default: half of the process's file limit, at most 50000.
	Connections int `toml:"connections" check:"min=1,max=10000000"`
	// Requests under way at once. Default 10000.
	InFlight int `toml:"in_flight" check:"min=1,max=10000000"`
	// Requests that wait for a place among those, 0 for none. Default 1000.
	Queue int `toml:"queue" check:"min=0,max=10000000"`
	// Longest wait for a place. Default "1s".
	QueueWait Duration `toml:"queue_wait" check:"min=1ms,max=5m"`
	// Bytes under way in one direction of a stream. Default "32KiB".
	StreamBuffer Size `toml:"stream_buffer" check:"min=1KiB,max=16MiB"`
	// Bytes of a body that a pausing filter holds back. Default "1MiB".
	FilterBody Size `toml:"filter_body" check:"min=1KiB,max=1GiB"`
	// Requests after which a client's connection is closed, 0 for no bound. Default 0.
	RequestsPerConn int `toml:"requests_per_conn" check:"min=0,max=1000000000"`
	// Streams at once of an HTTP/2 connection, 0 for HTTP/1 alone. Default 100.
	Streams int `toml:"streams" check:"min=0,max=10000"`
	// Bytes of an unread request body that are read off to keep a connection, 0 for none. Default "64KiB".
	DrainUnread Size `toml:"drain_unread" check:"min=0B,max=16MiB"`
	// Interim (1xx) responses the upstream may send for one request. Default 16.
	InterimResponses int `toml:"interim_responses" check:"min=0,max=1000"`
}

// Timeouts say how long listeners wait.
type Timeouts struct {
	// For a whole request head, from its first byte; for a PROXY header and the
	// first message of TLS, from the connection's beginning. Default "10s".
	Head Duration `toml:"head" check:"min=10ms,max=10m"`
	// Between two reads of a body. Default "30s", sidecar "60s".
	BodyIdle Duration `toml:"body_idle" check:"min=10ms,max=24h"`
	// Bytes a second a body must bring, over a window of body_idle; 0 for none. Default "240B", sidecar 0.
	BodyMinRate Size `toml:"body_min_rate" check:"min=0B,max=1GiB"`
	// For a write that makes no progress. Default "30s", sidecar "60s".
	WriteIdle Duration `toml:"write_idle" check:"min=10ms,max=24h"`
	// For the first bytes, where sidecar.inbound_tcp or outbound_tcp says what else
	// than HTTP may come: a client that is silent for that long waits for its
	// server's first words. Default "100ms".
	Detect Duration `toml:"detect" check:"min=1ms,max=1m"`
	// Between two requests of a connection. Default "60s", sidecar "300s".
	KeepAlive Duration `toml:"keep_alive" check:"min=10ms,max=24h"`
	// For an upgraded connection without a byte, or "off". Default "1h".
	Tunnel Duration `toml:"tunnel" check:"min=10ms,max=168h,off"`
	// For one pause of a filter. Default "30s".
	Pause Duration `toml:"pause" check:"min=1ms,max=1h"`
	// At the end of the process, for what is still under way. Default "30s".
	Drain Duration `toml:"drain" check:"min=0s,max=1h"`
	// Between "not ready" and the end of accepting. Default "5s".
	DrainDelay Duration `toml:"drain_delay" check:"min=0s,max=10m"`
}
