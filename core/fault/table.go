package fault

import "github.com/weirproxy/weir/core/stream"

// Kind is what happened.
type Kind uint8

// The kinds. Their rows in the table say the rest.
const (
	Unknown Kind = iota
	// Downstream: the client's fault.
	BadRequest
	URITooLong
	HeadTooLarge
	BodyTooLarge
	HeadTimeout
	BodyTimeout
	WriteTimeout
	ClientGone
	VersionUnsupported
	ExpectationFailed
	Truncated
	Misdirected
	NoRoute
	IdleTimeout
	// Internal: our own limits.
	Overload
	QueueTimeout
	MaxAge
	Deadline // the client's own time-out
	// Upstream.
	NoCluster
	NoEndpoint
	Undiscovered // the cluster's source has not answered yet
	PoolFull
	Connect
	ConnectTimeout
	UpstreamTLS
	UpstreamUntrusted
	StaleConn
	UpstreamReset
	UpstreamTimeout
	PerTryTimeout
	UpstreamProtocol
	UpstreamHeadTooLarge
	// Guest.
	GuestTrap
	GuestBudget
	GuestUnavailable
	GuestBodyLimit
	GuestResponseLimit
	PauseTimeout
	numKinds
)

// row is what the table knows of a kind.
type row struct {
	name    string // in logs, metrics and the reason header
	side    Side
	status  int // 0: nobody is left to answer, or the answer is under way
	retry   Retry
	flags   stream.Flags
	details string // Envoy's response.code_details where it has one
}

var table = [numKinds]row{
	Unknown: {"internal", Internal, 500, RetryNever, 0, "internal_error"},

	BadRequest:         {"bad_request", Downstream, 400, RetryNever, stream.FlagDownstreamProtocol, "http1.codec_error"},
	URITooLong:         {"uri_too_long", Downstream, 414, RetryNever, stream.FlagDownstreamProtocol, "request_uri_too_long"},
	HeadTooLarge:       {"head_too_large", Downstream, 431, RetryNever, stream.FlagDownstreamProtocol, "request_headers_too_large"},
	BodyTooLarge:       {"body_too_large", Downstream, 413, RetryNever, 0, "request_payload_too_large"},
	HeadTimeout:        {"head_timeout", Downstream, 408, RetryNever, 0, "request_header_timeout"},
	BodyTimeout:        {"body_timeout", Downstream, 408, RetryNever, stream.FlagStreamIdleTimeout, "request_body_timeout"},
	WriteTimeout:       {"write_timeout", Downstream, 0, RetryNever, stream.FlagStreamIdleTimeout, "downstream_write_timeout"},
	ClientGone:         {"client_gone", Downstream, 0, RetryNever, stream.FlagDownstreamTermination, "downstream_remote_disconnect"},
	VersionUnsupported: {"version", Downstream, 505, RetryNever, stream.FlagDownstreamProtocol, "http_version_unsupported"},
	ExpectationFailed:  {"expectation_failed", Downstream, 417, RetryNever, stream.FlagDownstreamProtocol, "expectation_failed"},
	Truncated:          {"truncated", Downstream, 400, RetryNever, stream.FlagDownstreamTermination, "downstream_remote_disconnect"},
	Misdirected:        {"misdirected", Downstream, 421, RetryNever, 0, "misdirected_request"},
	IdleTimeout:        {"idle_timeout", Downstream, 0, RetryNever, stream.FlagStreamIdleTimeout, "stream_idle_timeout"},
	NoRoute:            {"no_route", Downstream, 404, RetryNever, stream.FlagNoRoute, "route_not_found"},

	Overload:     {"overload", Internal, 503, RetryNever, stream.FlagUpstreamOverflow, "overload"},
	QueueTimeout: {"queue_timeout", Internal, 503, RetryNever, stream.FlagUpstreamOverflow, "overload"},
	MaxAge:       {"max_age", Internal, 503, RetryNever, 0, "max_connection_duration_reached"},
	Deadline:     {"deadline", Internal, 504, RetryNever, stream.FlagUpstreamTimeout, "response_timeout"},

	NoCluster:            {"no_cluster", Upstream, 503, RetryNever, stream.FlagNoRoute, "cluster_not_found"},
	NoEndpoint:           {"no_endpoint", Upstream, 503, RetryNever, stream.FlagNoHealthyUpstream, "no_healthy_upstream"},
	Undiscovered:         {"undiscovered", Upstream, 503, RetryNever, stream.FlagNoHealthyUpstream, "no_healthy_upstream"},
	PoolFull:             {"pool_full", Upstream, 503, RetryNever, stream.FlagUpstreamOverflow, "overflow"},
	Connect:              {"connect", Upstream, 502, RetryAlways, stream.FlagUpstreamConnect, "upstream_reset_before_response_started{connection_failure}"},
	ConnectTimeout:       {"connect_timeout", Upstream, 504, RetryAlways, stream.FlagUpstreamConnect, "upstream_reset_before_response_started{connection_timeout}"},
	UpstreamTLS:          {"upstream_tls", Upstream, 502, RetryAlways, stream.FlagUpstreamConnect, "upstream_reset_before_response_started{tls_failure}"},
	UpstreamUntrusted:    {"upstream_untrusted", Upstream, 502, RetryElsewhere, stream.FlagUpstreamConnect, "upstream_reset_before_response_started{tls_failure}"},
	StaleConn:            {"stale_connection", Upstream, 502, RetryIdempotent, stream.FlagUpstreamTermination, "upstream_reset_before_response_started{connection_termination}"},
	UpstreamReset:        {"upstream_reset", Upstream, 502, RetryIdempotent, stream.FlagUpstreamTermination, "upstream_reset_before_response_started{connection_termination}"},
	UpstreamTimeout:      {"upstream_timeout", Upstream, 504, RetryNever, stream.FlagUpstreamTimeout, "response_timeout"},
	PerTryTimeout:        {"per_try_timeout", Upstream, 504, RetryIdempotent, stream.FlagUpstreamTimeout, "upstream_per_try_timeout"},
	UpstreamProtocol:     {"upstream_protocol", Upstream, 502, RetryNever, stream.FlagUpstreamProtocol, "upstream_reset_before_response_started{protocol_error}"},
	UpstreamHeadTooLarge: {"upstream_head_too_large", Upstream, 502, RetryNever, stream.FlagUpstreamProtocol, "upstream_reset_before_response_started{protocol_error}"},

	GuestTrap:          {"filter_trap", Guest, 503, RetryNever, stream.FlagFilterFailed, "wasm_fail_stream"},
	GuestBudget:        {"filter_budget", Guest, 503, RetryNever, stream.FlagFilterFailed, "wasm_fail_stream"},
	GuestUnavailable:   {"filter_unavailable", Guest, 503, RetryNever, stream.FlagFilterFailed, "wasm_fail_stream"},
	GuestBodyLimit:     {"filter_body_limit", Guest, 413, RetryNever, 0, "request_payload_too_large"},
	GuestResponseLimit: {"filter_response_limit", Guest, 500, RetryNever, 0, "response_payload_too_large"},
	PauseTimeout:       {"filter_pause_timeout", Guest, 504, RetryNever, stream.FlagStreamIdleTimeout, "stream_idle_timeout"},
}

// String is the kind's name in logs, metrics and the reason header.
func (k Kind) String() string { return table[k].name }

// Side says whose fault it is.
func (k Kind) Side() Side { return table[k].side }

// Status is what the client is answered; 0 where nobody is left to answer.
func (k Kind) Status() int { return table[k].status }

// Retry says when a request that met this may be sent again.
func (k Kind) Retry() Retry { return table[k].retry }

// Flags are the response flags of the access log.
func (k Kind) Flags() stream.Flags { return table[k].flags }

// Details is the response.code_details attribute.
func (k Kind) Details() string { return table[k].details }
