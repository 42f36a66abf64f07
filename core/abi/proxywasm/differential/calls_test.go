package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// callHead is the head of a call.
func callHead(method, path string, more ...string) string {
	return pairs(append([]string{":method", method, ":path", path, ":authority", "callee.test"}, more...)...)
}

// call calls the callee.
func call(path string) Step { return callTo("callee", callHead("GET", path), "", "", 2000) }

func callTo(cluster, head, body, trailers string, timeout int) Step {
	return Both(Quiet("http_call", cluster, head, body, trailers, timeout, Word), Show("http_call ", Status))
}

// calling makes calls at the request's head and waits.
func calling(steps ...Step) Callback {
	return On("request_headers", append([]Step{Save(0, Param(0))}, append(steps, Ret(1))...)...)
}

// seen is what a filter can see of an answer.
func seen() []Step {
	return []Step{
		Show("body ", Param(3)), Show("trailers ", Param(4)),
		value(callHeaders, ":status"), value(callHeaders, "x-called"), value(callHeaders, "missing"),
		Ask("get_buffer_bytes", callBody, 0, everything, Text), Ask("get_buffer_status", callBody, Word, Long),
		allPairs(callTrailers), Ask("get_status", Word, Text),
	}
}

// goOn resumes the request.
func goOn() []Step { return []Step{Ask("set_effective_context", Cell(0)), Ask("continue_stream", 0)} }

func answered(steps ...[]Step) Callback {
	var all []Step
	for _, s := range steps {
		all = append(all, s...)
	}
	return On("http_call_response", all...)
}

// oneCall is a case whose filter waits for a call and shows its answer.
func oneCall(name string, made Step) differentialCase {
	return one("call-"+name, calling(made), answered(seen(), goOn()))
}

var callCases = []differentialCase{
	oneCall("get", call("/")),
	oneCall("denied", call("/denied")),
	oneCall("no-content", call("/empty")),
	oneCall("large-answer", call("/large")),
	oneCall("answer-with-trailers", call("/trailers")),
	oneCall("post", callTo("callee", callHead("POST", "/", "content-type", "text/plain"), "the body", "", 2000)),
	oneCall("post-empty", callTo("callee", callHead("POST", "/"), "", "", 2000)),
	oneCall("get-with-a-body", callTo("callee", callHead("GET", "/"), "the body", "", 2000)),
	oneCall("head", callTo("callee", callHead("HEAD", "/empty"), "", "", 2000)),
	oneCall("with-headers", callTo("callee", callHead("GET", "/a?b=c", "x-a", "1", "X-B", "2", "x-a", "3", "cookie", "c"), "", "", 2000)),
	oneCall("by-host", callTo("callee", pairs(":method", "GET", ":path", "/", "host", "callee.test"), "", "", 2000)),
	oneCall("with-a-scheme", callTo("callee", callHead("GET", "/", ":scheme", "https"), "", "", 2000)),
	oneCall("large-request", callTo("callee", callHead("POST", "/"), repeat("0123456789", 10000), "", 2000)),
	oneCall("without-a-timeout", callTo("callee", callHead("GET", "/"), "", "", 0)),
	oneCall("refused", callTo("refusing", callHead("GET", "/"), "", "", 2000)),
	oneCall("silent", callTo("callee", callHead("GET", "/silent"), "", "", 30)),
	oneCall("reset", call("/reset")),
	oneCall("broken", call("/broken")),
	one("call-wrong",
		On("request_headers",
			callTo("unknown", callHead("GET", "/"), "", "", 2000), callTo("", callHead("GET", "/"), "", "", 2000),
			callTo("callee", pairs(":path", "/", ":authority", "a"), "", "", 2000), callTo("callee", pairs(":method", "GET", ":authority", "a"), "", "", 2000),
			callTo("callee", pairs(":method", "GET", ":path", "/"), "", "", 2000), callTo("callee", "", "", "", 2000),
			callTo("callee", callHead("GET", "/"), "", "", -1), callTo("callee", "\x01\x00\x00\x00", "", "", 2000))),
	one("call-and-answer", calling(call("/denied")),
		answered([]Step{Ask("set_effective_context", Cell(0)), value(callHeaders, ":status"), Ask("get_buffer_bytes", callBody, 0, everything, Text),
			Ask("send_local_response", 403, "by_call", "denied", pairs("x-a", "1"), -1)})),
	one("call-and-answer-without-the-context", calling(call("/denied")),
		answered([]Step{local(403, "", "denied", "")}, goOn())),
	one("call-and-change", calling(call("/")),
		answered([]Step{Ask("set_effective_context", Cell(0)), add(requestHeaders, "x-called", "1"), replace(requestHeaders, ":path", "/called"), allPairs(requestHeaders),
			value(callHeaders, ":status"), Ask("continue_stream", 0)})),
	one("call-maps-are-read-only", calling(call("/")),
		answered([]Step{add(callHeaders, "a", "b"), replace(callHeaders, "a", "b"), remove(callHeaders, "x-called"), Ask("set_header_map_pairs", callHeaders, pairs("a", "b")),
			Ask("get_header_map_size", callHeaders, Word), Ask("set_buffer_bytes", callBody, 0, 0, "x"), allPairs(callTrailers), value(requestHeaders, ":path")}, goOn())),
	one("call-chained", calling(call("/first")),
		answered([]Step{Count(1), Show("answer ", Cell(1)), value(callHeaders, ":status"), When(Cell(1), 1, call("/denied"))}, []Step{When(Cell(1), 2, goOn()...)})),
	one("call-parallel", calling(call("/one-of-three"), call("/one-of-three"), call("/one-of-three")),
		answered([]Step{Count(1), Show("answer ", Cell(1)), When(Cell(1), 3, goOn()...)})).
		alone(),
	// The stream outlives the call's departure: one that has not left yet ends with it.
	one("call-forgotten", On("request_headers", call("/"))).from(func(c *client) {
		c.send(get("/"))
		c.read("GET")
	}).to(func(o *origin) {
		o.request()
		o.awaitCall()
		o.say("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello")
	}).alone(),
	one("call-after-the-stream", On("log", call("/late")), answered([]Step{value(callHeaders, ":status"), value(requestHeaders, ":path")}, []Step{Say("answered")})).
		from(func(c *client) {
			c.send(get("/"))
			c.read("GET")
			c.await("answered")
		}),
	one("call-from-a-tick", calling(Quiet("set_tick_period_milliseconds", 5)),
		On("tick", Quiet("set_tick_period_milliseconds", 0), call("/ticked")), answered(seen(), goOn())),
	one("call-from-the-response", On("response_headers", Save(0, Param(0)), call("/"), Ret(1)),
		answered([]Step{value(callHeaders, ":status"), Ask("set_effective_context", Cell(0)), add(responseHeaders, "x-called", "1"), Ask("continue_stream", 1)})),
	ways[0].stepwise(one("call-from-the-body", On("request_headers", Save(0, Param(0))),
		ways[0].collect(callTo("callee", callHead("POST", "/"), "digest", "", 2000), Ret(1)),
		answered([]Step{value(callHeaders, ":status")}, goOn())), abc),
	one("call-status-is-kept", calling(call("/")), answered([]Step{Ask("get_status", Word, Text)}, goOn()),
		On("response_headers", Ask("get_status", Word, Text))).alone(),
	chain("call-of-both",
		Program{calling(call("/first")), answered([]Step{value(callHeaders, ":status")}, goOn())},
		Program{calling(call("/denied")), answered([]Step{value(callHeaders, ":status")}, goOn())}),
	one("call-trailer-of-an-answer-without", calling(call("/")), answered([]Step{value(callTrailers, "x-end")}, goOn())),
	one("call-out-of-phase", On("request_headers", value(callHeaders, ":status"), Ask("get_buffer_bytes", callBody, 0, 9, Text), Ask("get_status", Word, Text))).alone(),
}
