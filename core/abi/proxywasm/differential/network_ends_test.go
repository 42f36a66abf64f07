package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// networkEnds: filters that end connections, or themselves.
func networkEnds() []networkCase {
	ended := func(c *talker) {
		c.say("ping")
		c.rest()
	}
	quiet := func(o *talker) { o.rest() }
	return []networkCase{
		network("tcp-close-at-new-connection", Program{Trace(), On("new_connection", Ask("close_stream", 2))}).from(func(c *talker) { c.rest() }).to(quiet),
		network("tcp-close-and-pause-at-new-connection", Program{Trace(), On("new_connection", Ask("close_stream", 2), Ret(1))}).from(func(c *talker) { c.rest() }).to(quiet),
		network("tcp-close-at-downstream-data", Program{Trace(), On("downstream_data", Ask("close_stream", 2), Ret(1))}).from(ended).to(quiet),
		network("tcp-close-at-upstream-data", Program{Trace(), On("upstream_data", Ask("close_stream", 3), Ret(1))}).from(func(c *talker) { c.rest() }).
			to(func(o *talker) {
				o.say("pong")
				o.rest()
			}),
		network("tcp-close-by-tick", Program{Trace(),
			On("new_connection", Save(0, Param(0)), Quiet("set_tick_period_milliseconds", 20)),
			On("tick", Quiet("set_tick_period_milliseconds", 0), Ask("set_effective_context", Cell(0)), Ask("close_stream", 2))}).from(func(c *talker) { c.rest() }).to(quiet),
		network("tcp-close-of-requests", Program{Trace(), On("downstream_data", Ask("close_stream", 0), Ask("close_stream", 1), Ask("continue_stream", 0), Ask("continue_stream", 1))}),
		network("tcp-trap-at-new-connection", Program{Trace(), On("new_connection", Trap())}).from(func(c *talker) { c.rest() }).to(quiet),
		network("tcp-trap-at-downstream-data", Program{Trace(), On("downstream_data", Trap())}).from(ended).to(quiet),
		network("tcp-trap-at-upstream-data", Program{Trace(), On("upstream_data", Trap())}).from(func(c *talker) { c.rest() }).to(func(o *talker) {
			o.say("pong")
			o.rest()
		}),
		network("tcp-trap-of-the-second-of-two", Program{Trace()}, Program{Trace(), On("downstream_data", Trap())}).from(ended).to(quiet),
		network("tcp-trap-at-the-close", Program{Trace(), On("downstream_connection_close", Trap())}),
		func() networkCase {
			c := network("tcp-trap-fail-open", Program{Trace(), On("downstream_data", Trap())}).from(ended).to(func(o *talker) { o.hear(4) })
			c.open = true
			return c
		}(),
	}
}

// networkFunctions: what host functions answer in a connection's callbacks.
func networkFunctions() []networkCase {
	everywhere := func(name string, steps ...Step) networkCase {
		p := Program{Trace()}
		for _, c := range []string{"context_create", "new_connection", "downstream_data", "upstream_data",
			"upstream_connection_close", "downstream_connection_close", "done", "log", "delete"} {
			p = append(p, On(c, steps...))
		}
		return network(name, p)
	}
	property := func(path string) Step { return Ask("get_property", path, Hex) }
	return []networkCase{
		everywhere("tcp-buffers", Ask("get_buffer_bytes", 2, 0, 100, Text), Ask("get_buffer_bytes", 3, 0, 100, Text),
			Ask("get_buffer_bytes", 0, 0, 100, Text), Ask("get_buffer_bytes", 1, 0, 100, Text)),
		everywhere("tcp-buffer-status", Ask("get_buffer_status", 2, Word, Word), Ask("get_buffer_status", 3, Word, Word)),
		everywhere("tcp-buffer-of-a-request-set", Ask("set_buffer_bytes", 0, 0, 0, "x"), Ask("set_buffer_bytes", 1, 0, 0, "x")),
		everywhere("tcp-maps", Ask("get_header_map_value", 0, ":path", Text), Ask("get_header_map_value", 2, ":status", Text),
			Ask("add_header_map_value", 0, "x", "y"), Ask("get_header_map_pairs", 0, Pairs)),
		everywhere("tcp-local-response", Ask("send_local_response", 403, "", "no", "", -1)),
		everywhere("tcp-properties", property("request\x00path"), property("response\x00code"), property("connection\x00mtls"),
			property("connection\x00requested_server_name"), property("plugin_name"), property("request"), property("source")),
		everywhere("tcp-continue", Ask("continue_stream", 2)),
		everywhere("tcp-continue-upstream", Ask("continue_stream", 3)),
		network("tcp-state", Program{Trace(), On("downstream_data", Ask("set_shared_data", "k", "v", 0), Ask("get_shared_data", "k", Text, Hidden),
			Ask("set_property", "mine", "1"), Ask("get_property", "mine", Text)),
			On("upstream_data", Ask("get_property", "mine", Text))}),
		network("tcp-call-and-continue", Program{Trace(),
			On("new_connection", Save(0, Param(0)), call("/"), Ret(1)),
			On("http_call_response", Ask("set_effective_context", Cell(0)), Ask("continue_stream", 2))}).from(func(c *talker) {
			c.await("continue_stream=")
			asks(c)
		}),
	}
}
