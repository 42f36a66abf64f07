package differential_test

import (
	"fmt"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// local sends a local response without a gRPC status.
func local(code int, details, body, headers string) Step {
	return Ask("send_local_response", code, details, body, headers, -1)
}

// phaseReply is a case with a reply from one phase of a message with a body
// and trailers both ways.
func phaseReply(phase string) differentialCase {
	hold := map[string][]Step{"request_headers": {Ret(1)}, "request_body": {Ret(1)}} // nothing goes upstream
	hold[phase] = []Step{local(403, "a detail", "denied", pairs("x-why", "because"))}
	c := one("reply-from-"+phase, Trace())
	for at, steps := range hold {
		c.filters[0].program = append(c.filters[0].program, On(at, steps...))
	}
	c.filters[0].pause = true
	return c.from(sending(postChunked("/", []string{"abc"}, "X-End: 1"))).to(answering(answerChunked([]string{"abc"}, "X-End: 1")))
}

// replyCases are those in which a filter answers by itself.
func replyCases() []differentialCase {
	reply := func(name string, steps ...Step) differentialCase { return requestHead("reply-"+name, steps...) }
	details := func(c differentialCase) differentialCase {
		c.filters[0].program = append(c.filters[0].program,
			On("log", Ask("get_property", "response\x00code_details", Text), Ask("get_property", "response\x00code", Hex), Ask("get_property", "response\x00flags", Hex)))
		return c
	}
	all := []differentialCase{
		reply("empty", local(403, "", "", "")),
		reply("with-a-body", local(403, "", "the body", "")),
		reply("with-headers", local(429, "", "", pairs("x-a", "1", "set-cookie", "a", "x-a", "2", "set-cookie", "b"))),
		reply("with-a-type", local(200, "", "{}", pairs("content-type", "application/json"))),
		reply("with-a-type-and-no-body", local(200, "", "", pairs("content-type", "application/json"))),
		reply("with-a-length", local(200, "", "four", pairs("content-length", "99"))),
		reply("with-a-status", local(200, "", "four", pairs(":status", "404"))),
		reply("redirecting", local(302, "", "", pairs("location", "/elsewhere?a=b"))),
		reply("upper-case", local(200, "", "", pairs("X-Upper", "Value"))),
		reply("large", local(200, "", repeat("0123456789", 10000), "")),
		reply("binary", local(200, "", "\x00\xff\r\n", "")),
		reply("without-headers-at-all", local(200, "", "", pairs())),
		reply("malformed-headers", local(200, "", "", "\x05\x00\x00\x00abc")),
		reply("and-continue", local(403, "", "no", ""), Ask("continue_stream", 0)),
		reply("and-continue-by-the-action", local(403, "", "no", ""), Ret(0)),
		reply("and-pause", local(403, "", "no", ""), Ret(1)),
		reply("twice", local(403, "", "first", ""), local(404, "", "second", "")),
		reply("and-change", local(403, "", "no", ""), add(requestHeaders, "x-a", "1"), value(requestHeaders, "x-a")),
		details(reply("details", local(403, "some details", "", ""))),
		details(reply("details-odd", local(403, "a\tb  c", "", ""))),
		details(reply("details-none", local(403, "", "", ""))),
		details(reply("details-long", local(403, repeat("detail", 30), "", ""))),
		reply("to-a-head-request", local(403, "", "the body", "")).from(sending(head("HEAD / HTTP/1.1", nil))),
		reply("to-a-post", local(403, "", "no", "")).from(sending(post("/", "body"), get("/"))),
		reply("keeps-the-connection", local(403, "", "no", "")).from(func(c *client) {
			for range 3 {
				c.send(get("/"))
				c.read("GET")
			}
			if c.conn == nil {
				c.run.note("client", "the connection was closed")
			}
		}),
		one("reply-passes-the-filter-itself", Trace(),
			On("request_headers", local(403, "", "no", "")),
			On("response_headers", allPairs(responseHeaders), add(responseHeaders, "x-passed", "1"), replace(responseHeaders, ":status", "418")),
			On("response_body", Ask("get_buffer_bytes", responseBody, 0, everything, Text), Ask("set_buffer_bytes", responseBody, 0, 2, "ON"))),
		one("reply-trailers-of-a-reply", Trace(), On("request_headers", local(200, "", "text", "")),
			On("response_body", allPairs(responseTrailers))),
		one("reply-of-a-reply", Trace(), On("request_headers", local(403, "", "first", "")),
			On("response_headers", local(404, "", "second", pairs("x-a", "1")))),
		one("reply-for-a-response", Trace(), On("response_headers", local(404, "", "instead", pairs("x-a", "1")))),
		one("reply-for-a-response-with-a-body", Trace(), On("response_headers", local(404, "", "instead", ""))).
			to(answering(answerChunked([]string{"a", "b"}, "x: y"))),
		one("reply-for-an-error", On("response_headers", value(responseHeaders, ":status"), local(200, "", "all is well", ""))).
			to(answering(answer("500 Internal Server Error", "broken"))),
		chain("reply-of-the-first-of-two",
			Program{Trace(), On("request_headers", local(403, "", "", ""))},
			Program{Trace()}),
		chain("reply-of-the-second-of-two",
			Program{Trace(), On("response_headers", add(responseHeaders, "x-first", "1"))},
			Program{Trace(), On("request_headers", local(403, "", "", "")), On("response_headers", add(responseHeaders, "x-second", "1"))}),
		chain("reply-of-the-second-of-three",
			Program{Trace(), On("response_headers", add(responseHeaders, "x-first", "1"))},
			Program{Trace(), On("request_headers", local(403, "", "", "")), On("response_headers", add(responseHeaders, "x-second", "1"))},
			Program{Trace(), On("response_headers", add(responseHeaders, "x-third", "1"))}),
		chain("reply-of-the-second-for-a-response",
			Program{Trace(), On("response_headers", add(responseHeaders, "x-first", "1"))},
			Program{Trace(), On("response_headers", local(404, "", "", ""))}).to(answering(plain("200 OK"))),
		one("reply-at-the-begin", On("context_create", local(403, "", "no", ""))),
	}
	for _, phase := range []string{"request_headers", "request_body", "request_trailers"} {
		all = append(all, phaseReply(phase))
	}
	for _, phase := range []string{"response_body", "response_trailers"} {
		all = append(all, one("reply-from-"+phase+"-cuts", On(phase, When(Param(1), 1, local(403, "", "denied", "")))).
			to(answerStepwise([]string{"abc", "d"}, "X-End: 1")))
		all[len(all)-1].filters[0].program = append(all[len(all)-1].filters[0].program, Trace())
	}
	for _, code := range []int{200, 201, 204, 301, 304, 400, 401, 404, 500, 503, 599} {
		all = append(all, reply(fmt.Sprintf("code-%d", code), local(code, "", "", pairs("x-a", "1"))))
	}
	return append(all, grpcReplies()...)
}

// grpcReplies are replies to requests of gRPC, which have their own form.
func grpcReplies() (all []differentialCase) {
	grpc := func(name string, code int, body string, status int, kind string) {
		all = append(all, requestHead("reply-grpc-"+name, Ask("send_local_response", code, "", body, pairs("x-a", "1"), status)).
			from(sending(head("POST /service/Method HTTP/1.1", []string{"Content-Type: " + kind, "TE: trailers", "Content-Length: 0"}))))
	}
	for _, code := range []int{200, 400, 401, 403, 404, 429, 500, 503} {
		grpc(fmt.Sprintf("of-%d", code), code, "", -1, "application/grpc")
	}
	grpc("message", 403, "not allowed: 100 %", -1, "application/grpc")
	grpc("status-5", 403, "", 5, "application/grpc")
	grpc("status-0", 200, "", 0, "application/grpc")
	grpc("status-16", 401, "", 16, "application/grpc+proto")
	grpc("status-99", 403, "", 99, "application/grpc")
	grpc("not-at-all", 403, "no", 7, "application/json")
	grpc("web", 403, "no", 7, "application/grpc-web")
	return all
}
