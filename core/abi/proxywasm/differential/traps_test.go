package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// trapIn is a filter that dies in a callback.
func trapIn(callback string) differentialCase {
	return one("trap-in-"+callback, On(callback, Say("trapping"), Trap()), On("delete", Say("deleted"))).alone()
}

// held is a case whose filter keeps the request's head and body, so that
// nothing of them goes upstream before the trap.
func held(c differentialCase) differentialCase {
	f := &c.filters[0]
	f.pause = true
	f.program = append(Program{On("request_headers", Ret(1)), On("request_body", Ret(1))}, f.program...)
	return c.from(sending(postChunked("/", []string{"abc"}, "X-End: 1")))
}

var trapCases = []differentialCase{
	trapIn("context_create"),
	trapIn("request_headers"),
	held(trapIn("request_body")),
	held(trapIn("request_trailers")),
	trapIn("response_headers"),
	trapIn("response_headers").named("trap-in-response-headers-of-a-post").from(sending(post("/", "body"))),
	one("trap-in-response_body", Trace(), On("response_body", When(Param(1), 1, Trap()))).alone().to(answerStepwise([]string{"abc", "d"}, "X-End: 1")),
	one("trap-in-response_trailers", Trace(), On("response_trailers", Trap())).alone().to(answerStepwise([]string{"abc"}, "X-End: 1")),
	trapIn("log"),
	trapIn("done"),
	trapIn("delete"),
	one("trap-and-the-next-request", On("request_headers", Trap())).alone().from(sending(get("/"), get("/"))),
	one("trap-once-and-the-next-request", On("request_headers", value(requestHeaders, "x-trap"), When(Status, 0, Trap()))).alone().
		from(sending(get("/", "X-Trap: 1"), get("/"))),
	one("trap-after-a-reply", On("request_headers", local(403, "", "no", ""), Trap())).alone(),
	one("trap-after-changes", On("response_headers", add(responseHeaders, "x-a", "1"), Trap())).alone(),
	differentVMs("trap-of-the-first-of-two", Program{On("request_headers", Trap())}, Program{Trace()}),
	differentVMs("trap-of-the-second-of-two", Program{Trace(), On("response_headers", allPairs(responseHeaders))}, Program{On("request_headers", Trap())}),
	differentVMs("trap-of-the-second-at-the-response", Program{Trace(), On("response_headers", allPairs(responseHeaders))}, Program{On("response_headers", Trap())}).
		to(answering(plain("200 OK"))),
	chain("trap-in-a-shared-vm", Program{On("request_headers", Say("seen")), On("response_headers", Say("answered"))}, Program{On("request_headers", Trap())}).alone(),
	open(one("trap-fail-open", On("request_headers", Trap())).alone()),
	open(one("trap-fail-open-and-the-next-request", On("request_headers", Trap())).alone().from(sending(get("/"), get("/")))),
	open(one("trap-fail-open-at-the-response", On("response_headers", Trap())).alone()),
}

func open(c differentialCase) differentialCase {
	c.filters[0].open = true
	return c
}

func (c differentialCase) named(name string) differentialCase {
	c.name = name
	if c.filters[0].vm != "" {
		return c.alone()
	}
	return c
}
