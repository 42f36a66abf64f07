package proxywasm_test

import (
	"crypto/x509"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/stream"
)

// envoyAttributes are all that Envoy documents, and those of the messages in
// them.
var envoyAttributes = []string{
	"request.path", "request.url_path", "request.host", "request.scheme", "request.method", "request.headers", "request.headers_bytes", "request.referer",
	"request.useragent", "request.time", "request.id", "request.protocol", "request.query", "request.duration", "request.size", "request.total_size",
	"response.code", "response.code_details", "response.flags", "response.grpc_status", "response.headers", "response.headers_bytes", "response.trailers",
	"response.size", "response.total_size", "response.backend_latency",
	"source.address", "source.port", "destination.address", "destination.port",
	"connection.id", "connection.mtls", "connection.requested_server_name", "connection.tls_version",
	"connection.subject_local_certificate", "connection.subject_peer_certificate", "connection.dns_san_local_certificate", "connection.dns_san_peer_certificate",
	"connection.uri_san_local_certificate", "connection.uri_san_peer_certificate", "connection.sha256_peer_certificate_digest", "connection.peer_certificate",
	"connection.transport_failure_reason", "connection.termination_details",
	"upstream.address", "upstream.num_endpoints", "upstream.port", "upstream.tls_version",
	"upstream.subject_local_certificate", "upstream.subject_peer_certificate", "upstream.dns_san_local_certificate", "upstream.dns_san_peer_certificate",
	"upstream.uri_san_local_certificate", "upstream.uri_san_peer_certificate", "upstream.sha256_peer_certificate_digest", "upstream.peer_certificate",
	"upstream.local_address", "upstream.transport_failure_reason", "upstream.request_attempt_count", "upstream.cx_pool_ready_duration",
	"upstream.locality", "upstream.locality.region", "upstream.locality.zone", "upstream.locality.sub_zone",
	"metadata", "metadata.filter_metadata", "metadata.typed_filter_metadata", "filter_state", "upstream_filter_state",
	"xds.node", "xds.node.id", "xds.node.cluster", "xds.node.metadata", "xds.node.dynamic_parameters", "xds.node.locality", "xds.node.locality.region",
	"xds.node.locality.zone", "xds.node.locality.sub_zone", "xds.node.user_agent_name", "xds.node.user_agent_version", "xds.node.user_agent_build_version",
	"xds.node.extensions", "xds.node.client_features",
	"xds.cluster_name", "xds.cluster_metadata", "xds.listener_direction", "xds.listener_metadata", "xds.route_name", "xds.route_metadata",
	"xds.virtual_host_name", "xds.virtual_host_metadata", "xds.upstream_host_metadata", "xds.upstream_host_locality_metadata", "xds.filter_chain_name",
	"plugin_name", "plugin_root_id", "plugin_vm_id",
}

// TestAttributes asks for each attribute of Envoy's where a stream has all that
// it can: it is there, or DIFFERENCES.md names it.
func TestAttributes(t *testing.T) {
	document, err := os.ReadFile("DIFFERENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	var steps []step
	for _, name := range envoyAttributes {
		steps = append(steps, call("proxy_get_property", strings.ReplaceAll(name, ".", "\x00"), outHex{}))
	}
	x := exchange{
		head:            "GET /a?b=c a.example",
		headers:         []string{"x-request-id: id", "user-agent: ua", "referer: r"},
		responseHeaders: []string{"grpc-status: 0"},
		edit: func(i *stream.Info) {
			i.Upstream, i.UpstreamLocal = netip.MustParseAddrPort("192.0.2.3:9000"), netip.MustParseAddrPort("192.0.2.2:4000")
			i.UpstreamTime, i.Tries, i.Endpoints, i.Details = time.Millisecond, 1, 3, "via_upstream"
			c := &stream.Certificate{X509: &x509.Certificate{DNSNames: []string{"a.test"}, URIs: []*url.URL{{Scheme: "spiffe", Host: "d", Path: "/a"}}}}
			i.TLS = &stream.TLSInfo{Version: "TLSv1.3", ServerName: "sni", PeerSPIFFE: "spiffe://d/a", Peer: c, Local: c}
			i.Secured = i.TLS
		},
	}
	x.run(h.load(newScript().on("on_log", steps...)))
	answers := h.log.take()
	if len(answers) != len(envoyAttributes) {
		t.Fatalf("%d answers to %d questions", len(answers), len(envoyAttributes))
	}
	for k, name := range envoyAttributes {
		// What is named belongs to a row of attributes that are absent.
		named := false
		for line := range strings.Lines(string(document)) {
			named = named || strings.Contains(line, "`"+name+"`") && strings.Contains(line, "| NOT_FOUND |")
		}
		if absent := strings.HasPrefix(answers[k], "get_property=1 "); absent != named {
			t.Errorf("%s: the answer is %q, that DIFFERENCES.md names it as absent is %v", name, answers[k], named)
		}
	}
}

func TestMetadata(t *testing.T) {
	h := newHost(t)
	h.Node = proxywasm.Node{ID: "n", Cluster: "c", Region: "r", SubZone: "s", Metadata: stream.NewTable(map[string]any{"z": 1.0, "a": []any{"x", true}})}
	get := func(path string) step {
		return call("proxy_get_property", strings.ReplaceAll(path, "/", "\x00"), outHex{})
	}
	billing := stream.NewTable(map[string]any{"billing": map[string]any{"plan": "gold", "deep": map[string]any{}}})
	x := exchange{edit: func(i *stream.Info) { i.RouteMetadata = billing }}
	one := "\x00\x00\x00\x00\x00\x00\xf0\x3f"
	list := pairs("x", "", "\x01", "")
	cases := []struct{ path, want string }{
		{"node", "0 " + hexOf("\x0a\x01n\x12\x01c\x1a\x22"+
			"\x0a\x10\x0a\x01a\x12\x0b\x32\x09\x0a\x03\x1a\x01x\x0a\x02\x20\x01"+
			"\x0a\x0e\x0a\x01z\x12\x09\x11"+one+
			"\x22\x06\x0a\x01r\x1a\x01s\x32\x04weir\x3a\x051.2.3")},
		{"node/metadata", "0 " + hexOf(pairs("a", list, "z", one))},
		{"node/metadata/a", "0 " + hexOf(list)},
		{"node/metadata/a/1", "0 01"},
		{"node/metadata/a/2", "1 "},
		{"node/locality", "0 " + hexOf("\x0a\x01r\x1a\x01s")},
		{"node/locality/zone", "0 "},
		{"xds/route_metadata", "0 " + hexOf("\x0a\x27\x0a\x07billing\x12\x1c\x0a\x0a\x0a\x04deep\x12\x02\x2a\x00\x0a\x0e\x0a\x04plan\x12\x06\x1a\x04gold")},
		{"xds/route_metadata/filter_metadata/billing/plan", "0 " + hexOf("gold")},
		{"xds/route_metadata/filter_metadata/billing", "0 " + hexOf(pairs("deep", pairs(), "plan", "gold"))},
		{"route_metadata/filter_metadata/billing/plan", "0 " + hexOf("gold")},
		{"cluster_metadata", "0 "},
		{"cluster_metadata/filter_metadata", "0 " + hexOf(pairs())},
	}
	var steps []step
	var want []string
	for _, c := range cases {
		steps = append(steps, get(c.path))
		want = append(want, "get_property="+c.want)
	}
	x.run(h.load(newScript().on("on_request_headers", steps...)))
	h.expect(want...)
}
