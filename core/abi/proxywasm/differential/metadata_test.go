package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// What is known of the node, of each route and of each cluster. Tables whose
// whole is compared have one entry: Envoy gives theirs no order.
var (
	nodeMetadata = object{
		"text": "t\u00e9xt", "empty": "", "number": 1.5, "whole": 7, "negative": -3, "yes": true, "no": false,
		"list": list{"a", 2, true}, "nolist": list{}, "table": object{"deep": object{"er": "d"}}, "notable": object{},
	}
	routeMetadata   = object{"of-route": object{"plan": "gold"}}
	clusterMetadata = object{"of-cluster": object{"zones": list{"a", "b", object{"c": list{1.5, false}}}}}
)

// upstreamOnce are properties that are there once an upstream is.
var upstreamOnce = []string{"xds.upstream_host_metadata", "xds.upstream_host_locality_metadata", "upstream_filter_state", "upstream.locality", "upstream.locality.region",
	"upstream.transport_failure_reason", "upstream.request_attempt_count", "upstream.num_endpoints", "upstream.other"}

var metadataCases = []differentialCase{
	requestHead("metadata-of-the-node", properties("xds.node.cluster", "xds.node.locality.region", "xds.node.locality.zone", "xds.node.locality.sub_zone", "xds.node.locality", "xds.node.locality.other",
		"xds.node.other", "xds.node.id.more")...),
	requestHead("metadata-values", properties("xds.node.metadata.text", "xds.node.metadata.empty", "xds.node.metadata.number", "xds.node.metadata.whole", "xds.node.metadata.negative",
		"xds.node.metadata.yes", "xds.node.metadata.no", "xds.node.metadata.missing", "xds.node.metadata.text.more", "xds.node.metadata.text.0")...),
	requestHead("metadata-lists", properties("xds.node.metadata.list", "xds.node.metadata.nolist", "xds.node.metadata.list.0", "xds.node.metadata.list.1", "xds.node.metadata.list.2", "xds.node.metadata.list.3",
		"xds.node.metadata.list.-1", "xds.node.metadata.list.a", "xds.node.metadata.list.00", "xds.node.metadata.list.+1", "xds.node.metadata.list. 1", "xds.node.metadata.list.1.a")...),
	requestHead("metadata-tables", properties("xds.node.metadata.table", "xds.node.metadata.notable", "xds.node.metadata.table.deep", "xds.node.metadata.table.deep.er", "xds.node.metadata.table.deep.er.more", "xds.node.metadata.notable.a")...),
	requestHead("metadata-whole", isThere("xds.node.metadata")...),
	requestHead("metadata-of-the-route", properties("xds.route_metadata", "xds.route_metadata.filter_metadata", "xds.route_metadata.filter_metadata.of-route", "xds.route_metadata.filter_metadata.of-route.plan",
		"xds.route_metadata.filter_metadata.missing", "xds.route_metadata.filter_metadata.missing.a", "xds.route_metadata.typed_filter_metadata", "xds.route_metadata.typed_filter_metadata.a", "xds.route_metadata.other")...),
	requestHead("metadata-of-the-cluster", properties("xds.cluster_metadata", "xds.cluster_metadata.filter_metadata", "xds.cluster_metadata.filter_metadata.of-cluster.zones", "xds.cluster_metadata.filter_metadata.of-cluster.zones.2.c.1")...),
	requestHead("metadata-of-nothing", properties("xds.listener_metadata", "xds.listener_metadata.filter_metadata", "xds.listener_metadata.filter_metadata.a", "xds.filter_chain_name", "xds.filter_chain_name.a",
		"metadata", "metadata.filter_metadata", "metadata.typed_filter_metadata", "metadata.other")...),
	requestHead("metadata-at-top-level", properties("node.metadata.text", "route_metadata", "cluster_metadata", "listener_metadata")...),
	requestHead("property-upstream-facts-too-early", properties(upstreamOnce...)...),
	one("property-upstream-facts", On("response_headers", append(properties(upstreamOnce...), isThere("upstream.local_address")...)...)),
	requestHead("property-header-bytes", properties("request.headers_bytes", "response.headers_bytes")...),
	one("property-response-header-bytes", On("response_headers", remove(responseHeaders, "date"), remove(responseHeaders, "server"), property("response.headers_bytes"))),
	one("metadata-at-the-begin", On("context_create", properties("xds.node.metadata.text", "xds.route_metadata", "xds.cluster_metadata", "xds.listener_metadata")...)),
	one("metadata-on-the-root", On("request_headers", pausing()...),
		On("tick", append(append([]Step{Quiet("set_tick_period_milliseconds", 0)}, properties("xds.node.metadata.text", "xds.node.cluster", "xds.route_metadata", "xds.cluster_metadata", "xds.listener_metadata",
			"metadata", "upstream.num_endpoints")...), goOn()...)...)),
}
