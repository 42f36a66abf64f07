package proxywasm

import (
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// callbacks are the functions that a guest exports, nil where it has none.
type callbacks struct {
	allocate *wasm.Function

	contextCreate *wasm.Function
	vmStart       *wasm.Function
	configure     *wasm.Function
	tick          *wasm.Function
	queueReady    *wasm.Function
	callResponse  *wasm.Function
	foreign       *wasm.Function

	rpcInitial  *wasm.Function
	rpcReceive  *wasm.Function
	rpcTrailing *wasm.Function
	rpcClose    *wasm.Function

	requestHeaders   *wasm.Function
	requestBody      *wasm.Function
	requestTrailers  *wasm.Function
	responseHeaders  *wasm.Function
	responseBody     *wasm.Function
	responseTrailers *wasm.Function

	newConnection   *wasm.Function
	downstreamData  *wasm.Function
	upstreamData    *wasm.Function
	downstreamClose *wasm.Function
	upstreamClose   *wasm.Function

	log    *wasm.Function
	done   *wasm.Function
	delete *wasm.Function
}

// callback is one export that the ABI knows: its name, how many i32 parameters
// it has and whether it answers one. A guest may leave the last parameters
// out, down to least: 0.1.0 has no end of stream with the headers.
type callback struct {
	name      string
	params    int
	least     int
	result    bool
	phase     filter.Phases // the phase it is, if any
	functions func(c *callbacks) **wasm.Function
}

// exports are all callbacks. Their types decide how they are called, not the
// version.
var exports = slices.Concat(common, ofHTTP, ofConnections)

// common are those of roots and those that each context has.
var common = []callback{
	{"proxy_on_context_create", 2, 2, false, 0, func(c *callbacks) **wasm.Function { return &c.contextCreate }},
	{"proxy_on_vm_start", 2, 2, true, 0, func(c *callbacks) **wasm.Function { return &c.vmStart }},
	{"proxy_on_configure", 2, 2, true, 0, func(c *callbacks) **wasm.Function { return &c.configure }},
	{"proxy_on_tick", 1, 1, false, 0, func(c *callbacks) **wasm.Function { return &c.tick }},
	{"proxy_on_queue_ready", 2, 2, false, 0, func(c *callbacks) **wasm.Function { return &c.queueReady }},
	{"proxy_on_http_call_response", 5, 5, false, 0, func(c *callbacks) **wasm.Function { return &c.callResponse }},
	{"proxy_on_grpc_receive_initial_metadata", 3, 3, false, 0, func(c *callbacks) **wasm.Function { return &c.rpcInitial }},
	{"proxy_on_grpc_receive", 3, 3, false, 0, func(c *callbacks) **wasm.Function { return &c.rpcReceive }},
	{"proxy_on_grpc_receive_trailing_metadata", 3, 3, false, 0, func(c *callbacks) **wasm.Function { return &c.rpcTrailing }},
	{"proxy_on_grpc_close", 3, 3, false, 0, func(c *callbacks) **wasm.Function { return &c.rpcClose }},
	{"proxy_on_foreign_function", 3, 3, false, 0, func(c *callbacks) **wasm.Function { return &c.foreign }},
	{"proxy_on_log", 1, 1, false, filter.PhaseLog, func(c *callbacks) **wasm.Function { return &c.log }},
	{"proxy_on_done", 1, 1, true, 0, func(c *callbacks) **wasm.Function { return &c.done }},
	{"proxy_on_delete", 1, 1, false, 0, func(c *callbacks) **wasm.Function { return &c.delete }},
}

// ofHTTP are those of a request and its response.
var ofHTTP = []callback{
	{"proxy_on_request_headers", 3, 2, true, filter.PhaseRequestHeaders, func(c *callbacks) **wasm.Function { return &c.requestHeaders }},
	{"proxy_on_request_body", 3, 3, true, filter.PhaseRequestBody, func(c *callbacks) **wasm.Function { return &c.requestBody }},
	{"proxy_on_request_trailers", 2, 2, true, filter.PhaseRequestTrailers, func(c *callbacks) **wasm.Function { return &c.requestTrailers }},
	{"proxy_on_response_headers", 3, 2, true, filter.PhaseResponseHeaders, func(c *callbacks) **wasm.Function { return &c.responseHeaders }},
	{"proxy_on_response_body", 3, 3, true, filter.PhaseResponseBody, func(c *callbacks) **wasm.Function { return &c.responseBody }},
	{"proxy_on_response_trailers", 2, 2, true, filter.PhaseResponseTrailers, func(c *callbacks) **wasm.Function { return &c.responseTrailers }},
}

// ofConnections are those of a TCP connection. The phases are those of a stream
// whose head is the connection itself: see package tcp.
var ofConnections = []callback{
	{"proxy_on_new_connection", 1, 1, true, filter.PhaseRequestHeaders, func(c *callbacks) **wasm.Function { return &c.newConnection }},
	{"proxy_on_downstream_data", 3, 3, true, filter.PhaseRequestBody, func(c *callbacks) **wasm.Function { return &c.downstreamData }},
	{"proxy_on_upstream_data", 3, 3, true, filter.PhaseResponseBody, func(c *callbacks) **wasm.Function { return &c.upstreamData }},
	{"proxy_on_downstream_connection_close", 2, 2, false, filter.PhaseLog, func(c *callbacks) **wasm.Function { return &c.downstreamClose }},
	{"proxy_on_upstream_connection_close", 2, 2, false, filter.PhaseResponseBody, func(c *callbacks) **wasm.Function { return &c.upstreamClose }},
}

// find looks up what the guest exports.
func (c *callbacks) find(in *wasm.Instance) {
	for i := range exports {
		*exports[i].functions(c) = in.Func(exports[i].name)
	}
	for _, name := range allocators {
		if c.allocate = in.Func(name); c.allocate != nil {
			return
		}
	}
}

// allocators are the exports that give memory, the preferred one first.
var allocators = [...]string{"malloc", "proxy_on_memory_allocate"}

// taken are the phases that a module takes part in by its exports: as a filter of
// requests, and as one of connections.
type taken struct{ http, connections filter.Phases }

// of are those of a filter's kind.
func (t taken) of(connections bool) filter.Phases {
	if connections {
		return t.connections
	}
	return t.http
}

// phasesOf finds out what a module takes part in.
func phasesOf(m exporter) (t taken) {
	all := func(list []callback) (p filter.Phases) {
		for i := range list {
			if _, _, ok := m.Export(list[i].name); ok {
				p |= list[i].phase
			}
		}
		return p
	}
	both := all(common)
	return taken{all(ofHTTP) | both, all(ofConnections) | both}
}

// checkExports says what is wrong with a module's exports. Its error is all that is.
func checkExports(m exporter) error {
	var wrong problems
	for i := range exports {
		e := &exports[i]
		params, results, ok := m.Export(e.name)
		if ok && !e.fits(params, results) {
			wrong = append(wrong, fmt.Errorf("export %q has the wrong type: it takes %d i32 parameters and answers %s; build the module with a Proxy-Wasm SDK",
				e.name, e.params, map[bool]string{true: "an i32", false: "nothing"}[e.result]))
		}
	}
	if err := checkAllocator(m); err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// checkAllocator wants one of the functions by which the host hands data over.
func checkAllocator(m exporter) error {
	for _, name := range allocators {
		params, results, ok := m.Export(name)
		if !ok {
			continue
		}
		if !isI32(params, 1) || !isI32(results, 1) {
			return fmt.Errorf("export %q has the wrong type: it takes an i32 and answers an i32", name)
		}
		return nil
	}
	return fmt.Errorf("module exports neither %q nor %q: the host needs one of them to hand data over", allocators[0], allocators[1])
}

func (e *callback) fits(params, results []api.ValueType) bool {
	want := 0
	if e.result {
		want = 1
	}
	return len(params) >= e.least && len(params) <= e.params && isI32(params, len(params)) && isI32(results, want)
}

func isI32(types []api.ValueType, n int) bool {
	for _, t := range types {
		if t != api.ValueTypeI32 {
			return false
		}
	}
	return len(types) == n
}
