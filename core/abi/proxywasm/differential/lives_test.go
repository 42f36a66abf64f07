package differential_test

import (
	"fmt"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// lifeCases are those of the order of callbacks, of contexts and of
// configurations.
func lifeCases() []differentialCase {
	all := []differentialCase{
		one("life-of-a-get", Trace()).to(answering(plain("200 OK"))),
		one("life-of-two-requests", Trace()).from(sending(get("/"), get("/"))).to(answering(plain("200 OK"))),
		one("life-of-a-post-with-trailers", Trace()).
			from(stepwise(abc, "X-End: 1")).to(answerStepwise(abc, "X-End: 1")),
		one("life-of-a-head", Trace()).from(sending(head("HEAD / HTTP/1.1", nil))).
			to(func(o *origin) { o.request(); o.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }),
		one("life-of-no-content", Trace()).to(answering("HTTP/1.1 204 No Content\r\n\r\n")),
		chain("life-of-two-filters", Program{Trace()}, Program{Trace()}).from(stepwiseOf(2, abc, "X-End: 1")).to(answering(plain("200 OK"))),
		chain("life-of-three-filters", Program{Trace()}, Program{Trace()}, Program{Trace()}).to(answering(plain("200 OK"))),
		one("life-on-done-answers-false", Trace(), On("done", Ret(0)), On("delete", Ask("done"))).to(answering(plain("200 OK"))),
		one("life-done-out-of-phase", On("request_headers", Ask("done"))),
		one("life-of-a-client-that-leaves", Trace(), On("request_headers", Ret(1))).from(func(c *client) {
			c.send(get("/"))
			c.await("request_headers(")
			c.reset()
			c.await("delete(")
		}),
		one("life-of-a-client-that-leaves-its-body", Trace()).from(func(c *client) {
			c.send(head("POST / HTTP/1.1", []string{"Content-Length: 10"}) + "half")
			c.await("request_body(")
			c.reset()
			c.await("delete(")
		}).to(func(o *origin) { o.awaitEnd() }),
		one("life-of-an-upstream-that-resets", On("response_headers", value(responseHeaders, ":status"), Ask("get_property", "response\x00flags", Hex)), On("log", Say("logged"))).
			to(func(o *origin) { o.request(); o.reset() }),
		one("life-of-an-upstream-that-cuts-its-body", On("response_headers", value(responseHeaders, ":status")), On("response_body", Unless(Param(2), 0, Say("the end"))), On("log", Say("logged"))).
			to(func(o *origin) {
				o.request()
				o.say(answerChunked([]string{"half", more}))
				o.cut()
			}),
		one("context-of-the-callback-is-back", On("request_headers", Ask("set_effective_context", 0), value(requestHeaders, ":path"), allPairs(requestHeaders), Ask("get_property", "request\x00path", Text),
			Ask("get_property", "plugin_name", Text)),
			On("response_headers", value(responseHeaders, ":status"))).alone(),
		one("context-unknown", On("request_headers", Ask("set_effective_context", 987654), Ask("set_effective_context", -1), value(requestHeaders, ":path"))),
		one("context-of-itself", On("request_headers", Ask("set_effective_context", Param(0)), value(requestHeaders, ":path"), add(requestHeaders, "x-a", "1"))),
		one("context-that-has-ended", On("request_headers", Unless(Cell(0), 0, Ask("set_effective_context", Cell(0)), value(requestHeaders, ":path")), Save(0, Param(0)))).
			from(sending(get("/"), get("/"))),
		one("context-of-the-root", On("context_create", Save(3, Param(1))), On("request_headers", Ask("set_effective_context", Cell(3)), value(requestHeaders, ":path"), allPairs(requestHeaders),
			add(requestHeaders, "a", "b"), Ask("get_property", "plugin_name", Text), Ask("get_property", "request\x00path", Text), Ask("set_property", "a", "b"), Ask("get_buffer_bytes", 0, 0, 10, Text),
			Ask("set_buffer_bytes", 0, 0, 0, "a"), Ask("continue_stream", 0), Ask("continue_stream", 1), Ask("set_effective_context", Param(0)), value(requestHeaders, ":path"))),

		one("config-and-a-reply", On("configure", Quiet("send_local_response", 200, "", "", "", 0), Save(4, Status)), On("request_headers", Show("reply ", Cell(4)))),
		one("config-sizes", On("configure", Save(4, Param(1))), On("request_headers", Show("size ", Cell(4)), Ask("get_buffer_bytes", pluginConfig, 0, 9, Text), Ask("get_buffer_bytes", vmConfig, 0, 9, Text),
			Ask("get_buffer_status", vmConfig, Word, Long))),
		chainOfRoots("config-same-root-other-configuration"),
	}
	for _, size := range []int{0, 1, 1000, 70000} {
		all = append(all, configured(fmt.Sprintf("config-of-%d-bytes", size), repeat("c", size)))
	}
	return append(all,
		configured("config-as-json", `{"b": [1, 2.5, null], "a": "ä\"\\"}`),
		configured("config-with-line-ends", "line\r\n\ttab"),
		twoRoots("config-two-roots-of-a-vm"),
	)
}

// configured is a filter that keeps what it was configured with, and shows it
// to a request.
func configured(name, config string) differentialCase {
	return differentialCase{name: name, filters: []filterCase{{
		vm: name, inVM: true, config: config,
		program: Program{
			On("vm_start", Save(0, Param(1)), Quiet("get_buffer_bytes", vmConfig, 0, 20, Text), Save(1, Status), Quiet("get_buffer_bytes", pluginConfig, 0, 20, Text), Save(2, Status)),
			On("configure", Save(3, Param(1)), Quiet("get_buffer_bytes", pluginConfig, 0, everything, Text), Save(4, Status), Save(13, LastSize),
				Quiet("get_buffer_bytes", pluginConfig, 0, 10000, Text), Quiet("set_shared_data", "config", Last, 0),
				Quiet("get_buffer_bytes", pluginConfig, 5, 3, Text), Save(5, Status), Quiet("set_buffer_bytes", pluginConfig, 0, 0, "x"), Save(6, Status),
				Quiet("get_header_map_value", 0, ":path", Text), Save(7, Status),
				Quiet("continue_stream", 0), Save(9, Status), Quiet("done"), Save(10, Status), Quiet("get_property", "plugin_name", Text), Save(11, Status), Quiet("set_property", "a", "b"), Save(12, Status)),
			On("request_headers", Show("vm_start size ", Cell(0)), Show("vm config ", Cell(1)), Show("plugin config ", Cell(2)),
				Show("configure size ", Cell(3)), Show("get ", Cell(4)), Show("bytes ", Cell(13)), Show("part ", Cell(5)), Show("set ", Cell(6)), Show("map ", Cell(7)), Show("continue ", Cell(9)), Show("done ", Cell(10)),
				Show("property ", Cell(11)), Show("set property ", Cell(12)),
				getShared("config")),
		},
	}}}
}

// twoRoots are two filters of a VM, of different roots.
func twoRoots(name string) differentialCase {
	c := chain(name,
		Program{On("request_headers", Ask("get_property", "plugin_root_id", Text), Ask("get_property", "plugin_vm_id", Text), Count(0), Show("seen ", Cell(0)))},
		Program{On("request_headers", Ask("get_property", "plugin_root_id", Text), Ask("get_property", "plugin_vm_id", Text), Count(0), Count(0), Show("seen ", Cell(0)))})
	c.filters[0].root, c.filters[1].root = "one", "two"
	return c.alone().from(sending(get("/"), get("/")))
}

// chainOfRoots are two filters of a VM and a root that are configured in their
// own way.
func chainOfRoots(name string) differentialCase {
	c := twoRoots(name)
	c.filters[0].root, c.filters[1].root = "same", "same"
	return c
}

// stepwiseOf is stepwise for a chain of n filters that trace.
func stepwiseOf(n int, chunks []string, trailers ...string) func(c *client) {
	return func(c *client) {
		c.send(head("POST / HTTP/1.1", []string{"Transfer-Encoding: chunked"}))
		for i, chunk := range chunks {
			c.send(chunked([]string{chunk, more}))
			c.awaitN("request_body(", n*(i+1))
		}
		c.send(chunked(nil, trailers...))
		c.read("POST")
	}
}
