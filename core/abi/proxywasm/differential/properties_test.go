package differential_test

import (
	"strings"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// property reads one, its segments parted by dots.
func property(path string) Step { return propertyAs(path, Hex) }

func propertyAs(path string, v Value) Step {
	return Ask("get_property", strings.ReplaceAll(path, ".", "\x00"), v)
}

func properties(paths ...string) (steps []Step) {
	for _, p := range paths {
		steps = append(steps, Say(p), property(p))
	}
	return steps
}

// texts are properties that are shown as text.
func texts(paths ...string) (steps []Step) {
	for _, p := range paths {
		steps = append(steps, Say(p), propertyAs(p, Text))
	}
	return steps
}

// isThere says whether a property can be read, and how long it is; what it is
// differs from run to run.
func isThere(paths ...string) (steps []Step) {
	for _, p := range paths {
		steps = append(steps, Quiet("get_property", strings.ReplaceAll(p, ".", "\x00"), Hex), Show(p+" ", Status),
			Show("bytes ", LastSize))
	}
	return steps
}

var (
	requestProperties = []string{"request.path", "request.url_path", "request.query", "request.host", "request.scheme", "request.method",
		"request.protocol", "request.id", "request.referer", "request.useragent", "request.size"}
	fromRequest = sending(get("/a/b?c=d&e", "User-Agent: probe", "Referer: http://a", "X-Request-Id: id-1", "X-A: 1", "X-A: 2", "Content-Type: t"))
)

var propertyCases = []differentialCase{
	requestHead("property-request", texts(requestProperties[:10]...)...).from(fromRequest),
	requestHead("property-request-sizes", properties("request.size")...).from(fromRequest),
	requestHead("property-request-headers", texts("request.headers.x-a", "request.headers.X-A", "request.headers.missing", "request.headers.:path", "request.headers.host", "request.headers.user-agent")...).from(fromRequest),
	requestHead("property-request-header-map", propertyAs("request.headers", Pairs)).from(fromRequest),
	requestHead("property-request-without", texts("request.query", "request.id", "request.referer", "request.useragent")...),
	requestHead("property-request-changed", append([]Step{replace(requestHeaders, ":path", "/new?q"), replace(requestHeaders, ":method", "PUT"), replace(requestHeaders, ":authority", "new.test"),
		replace(requestHeaders, "user-agent", "new")}, texts(requestProperties[:10]...)...)...),
	requestHead("property-request-times", isThere("request.time", "request.duration", "request.total_size")...),
	requestHead("property-response-too-early", properties("response.code", "response.size", "response.total_size", "response.flags", "response.code_details", "response.headers", "response.headers.a",
		"response.trailers", "response.grpc_status", "response.backend_latency")...),
	requestHead("property-upstream-too-early", properties("upstream.address", "upstream.port", "upstream.local_address", "upstream.transport_failure_reason", "upstream.tls_version")...),
	requestHead("property-of-plugin", texts("plugin_name", "plugin_root_id", "plugin_vm_id")...),
	requestHead("property-addresses", append(isThere("source.port", "destination.port", "connection.id", "connection_id"),
		properties("source.other", "source", "destination", "connection", "upstream", "request", "response")...)...),
	requestHead("property-connection", properties("connection.mtls", "connection.requested_server_name", "connection.tls_version", "connection.subject_local_certificate", "connection.subject_peer_certificate",
		"connection.dns_san_local_certificate", "connection.uri_san_local_certificate", "connection.uri_san_peer_certificate", "connection.dns_san_peer_certificate",
		"connection.sha256_peer_certificate_digest", "connection.transport_failure_reason", "connection.termination_details")...),
	requestHead("property-xds", texts("xds.node.id", "xds.route_name", "xds.cluster_name")...),
	requestHead("property-xds-others", properties("xds", "xds.listener_direction", "xds.other")...),
	requestHead("property-at-top-level", texts("route_name", "cluster_name", "node.id")...),
	requestHead("property-unknown", properties("", "unknown", "unknown.a", "request.unknown", "request.path.more", "response.unknown", "metadata", "metadata.filter_metadata.a", "filter_state", "filter_state.a", "wasm.a", "foo\x00", "request..path")...),
	requestHead("property-spellings", Ask("get_property", "request.path", Text), Ask("get_property", "request\x00path\x00", Text), Ask("get_property", "request\x00path\x00\x00", Text),
		Ask("get_property", "\x00request\x00path", Text), Ask("get_property", "Request\x00path", Text), Ask("get_property", "request\x00", Text)),
	one("property-request-later",
		On("request_headers", texts("request.path")...),
		On("response_headers", properties("request.size", "request.protocol", "connection.mtls")...),
		On("log", properties("request.size", "request.protocol")...)),
	one("property-request-path-later", On("response_headers", texts("request.path", "request.host", "request.method")...)),
	one("property-response", On("response_headers", properties("response.code", "response.flags", "response.code_details", "response.size", "response.headers.x-a", "response.headers.missing", "response.trailers", "response.trailers.a")...)).
		to(answering(plain("404 Not Found", "X-A: 1", "X-A: 2"))),
	one("property-response-header-map", On("response_headers", propertyAs("response.headers", Pairs))).to(answering(plain("404 Not Found", "X-A: 1", "X-A: 2"))),
	one("property-response-grpc", On("response_headers", property("response.grpc_status"))),
	one("property-response-grpc-of-grpc", On("log", property("response.grpc_status"))).
		from(sending(head("POST /s/M HTTP/1.1", []string{"Content-Type: application/grpc", "Content-Length: 0"}))).
		to(answering(plain("200 OK", "Content-Type: application/grpc", "grpc-status: 5"))),
	one("property-upstream", On("response_headers", append(texts("xds.cluster_name"), isThere("upstream.address", "upstream.port")...)...)),
	one("property-in-log", On("log", append(append(texts(requestProperties[:10]...), properties("request.size", "response.code", "response.flags", "response.size", "response.code_details")...),
		isThere("request.duration", "request.time", "response.backend_latency")...)...)).from(sending(post("/a?b", "body"))),
	one("property-sizes-in-log", On("log", properties("request.size", "response.size")...)).
		from(sending(postChunked("/", []string{"abc", "de"}))).to(answering(answerChunked([]string{"0123456789", "abc"}))),
	one("property-at-the-begin-and-the-end", On("context_create", texts("request.path", "plugin_name")...), On("done", texts("request.path", "plugin_name")...),
		On("delete", texts("request.path", "plugin_name")...)),

	requestHead("property-set", Ask("set_property", "mine", "value"), propertyAs("mine", Text), Ask("set_property", "mine", "again"), propertyAs("mine", Text),
		Ask("set_property", "empty", ""), propertyAs("empty", Text), Ask("set_property", "bytes", "\x00\xff"), propertyAs("bytes", Hex)),
	requestHead("property-set-builtin", Ask("set_property", "plugin_name", "mine"), propertyAs("plugin_name", Text), Ask("set_property", "request\x00path", "mine"), propertyAs("request.path", Text)),
	requestHead("property-set-of-two-segments", Ask("set_property", "mine\x00deep", "value"), propertyAs("mine.deep", Text)),
	one("property-set-and-read-later", On("request_headers", Ask("set_property", "mine", "early")), On("response_headers", propertyAs("mine", Text)),
		On("log", propertyAs("mine", Text), Ask("set_property", "mine", "late"), propertyAs("mine", Text)), On("done", propertyAs("mine", Text))),
	one("property-set-is-gone", On("request_headers", propertyAs("mine", Text), Ask("set_property", "mine", "1"))).from(sending(get("/"), get("/"))),
	chain("property-set-for-the-next", Program{On("request_headers", Ask("set_property", "shared", "from one"))},
		Program{On("request_headers", propertyAs("shared", Text), Ask("set_property", "shared", "from two")), On("response_headers", propertyAs("shared", Text))}),
}
