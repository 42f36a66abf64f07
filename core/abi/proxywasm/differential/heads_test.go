package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// The maps.
const (
	requestHeaders, requestTrailers   = 0, 1
	responseHeaders, responseTrailers = 2, 3
	callHeaders, callTrailers         = 6, 7
)

// allPairs logs a map as it is serialised.
func allPairs(m int) Step { return Ask("get_header_map_pairs", m, Pairs) }

// value logs a field.
func value(m int, name string) Step { return Ask("get_header_map_value", m, name, Text) }

func add(m int, name, v string) Step     { return Ask("add_header_map_value", m, name, v) }
func replace(m int, name, v string) Step { return Ask("replace_header_map_value", m, name, v) }
func remove(m int, name string) Step     { return Ask("remove_header_map_value", m, name) }

// requestHead is a case whose filter does something at the request's head.
func requestHead(name string, steps ...Step) differentialCase {
	return one(name, On("request_headers", steps...))
}

// responseHead is a case whose filter does something at the response's head.
func responseHead(name string, steps ...Step) differentialCase {
	return one(name, On("response_headers", steps...))
}

var headCases = []differentialCase{
	one("nothing"),
	requestHead("get",
		value(requestHeaders, ":path"), value(requestHeaders, ":method"), value(requestHeaders, ":authority"),
		value(requestHeaders, ":scheme"), value(requestHeaders, "host"), value(requestHeaders, "x-a"),
		value(requestHeaders, "X-A"), value(requestHeaders, "x-empty"), value(requestHeaders, "missing"),
		value(requestHeaders, ""), value(requestHeaders, ":status"), value(requestHeaders, ":other"),
	).from(sending(get("/a?b=c", "X-A: one", "X-A: two", "X-Empty:"))),
	requestHead("pairs", allPairs(requestHeaders), Ask("get_header_map_size", requestHeaders, Word)).
		from(sending(get("/a?b=c", "X-A: one", "User-Agent: probe", "X-A: two", "Cookie: a=1", "Cookie: b=2", "X-Empty:"))),
	requestHead("blanks-around-values", allPairs(requestHeaders)).
		from(sending(get("/", "X-A:  \t one two \t "))),
	requestHead("request-duplicates", value(requestHeaders, "accept"), value(requestHeaders, "x-forwarded-for"),
		value(requestHeaders, "cookie"), value(requestHeaders, "x-a")).
		from(sending(get("/", "Accept: a", "Accept: b", "Cookie: a", "Cookie: b", "X-A: 1", "X-A: 2"))),
	requestHead("inline-duplicates", allPairs(requestHeaders)).
		from(sending(get("/", "User-Agent: a", "User-Agent: b", "Cache-Control: a", "Cache-Control: b", "Content-Type: a", "Content-Type: b", "Referer: a", "Referer: b"))),
	requestHead("hop-by-hop", allPairs(requestHeaders)).
		from(sending(get("/", "Connection: keep-alive, x-hop", "Keep-Alive: timeout=5", "X-Hop: 1", "Proxy-Connection: keep-alive", "TE: trailers"))),
	requestHead("accept-encoding-is-kept", allPairs(requestHeaders)).
		from(sending(get("/", "Accept-Encoding: gzip, br", "Authorization: Basic YTpi", "Upgrade-Insecure-Requests: 1"))),

	requestHead("request-add", add(requestHeaders, "x-new", "1"), add(requestHeaders, "x-new", "2"), add(requestHeaders, "x-a", "three"),
		value(requestHeaders, "x-new"), value(requestHeaders, "x-a"), allPairs(requestHeaders)).
		from(sending(get("/", "X-A: one"))),
	requestHead("request-add-upper-case", add(requestHeaders, "X-Upper", "Value"), value(requestHeaders, "x-upper"), allPairs(requestHeaders)),
	requestHead("request-add-empty", add(requestHeaders, "x-none", ""), value(requestHeaders, "x-none"), allPairs(requestHeaders)),
	requestHead("request-add-inline", add(requestHeaders, "user-agent", "b"), add(requestHeaders, "accept", "b"), add(requestHeaders, "content-type", "b"),
		add(requestHeaders, "referer", "b"), add(requestHeaders, "cache-control", "b"), add(requestHeaders, "cookie", "b"), allPairs(requestHeaders)).
		from(sending(get("/", "User-Agent: a", "Accept: a", "Content-Type: a", "Referer: a", "Cache-Control: a", "Cookie: a"))),
	requestHead("request-add-odd-values", add(requestHeaders, "x-tab", "a\tb"), add(requestHeaders, "x-high", "\x80\xff"), add(requestHeaders, "x-utf", "ä"),
		add(requestHeaders, "x-quote", `"\`), value(requestHeaders, "x-high")),
	requestHead("request-add-blanks", add(requestHeaders, "x-blank", " a "), value(requestHeaders, "x-blank"), allPairs(requestHeaders)),
	requestHead("request-replace", replace(requestHeaders, "x-a", "new"), value(requestHeaders, "x-a"), replace(requestHeaders, "x-b", "b"), allPairs(requestHeaders)).
		from(sending(get("/", "X-A: one", "X-C: c", "X-A: two"))),
	requestHead("request-remove", remove(requestHeaders, "x-a"), value(requestHeaders, "x-a"), remove(requestHeaders, "missing"), allPairs(requestHeaders)).
		from(sending(get("/", "X-A: one", "X-B: b", "X-A: two"))),
	requestHead("request-many", func() (steps []Step) {
		for _, c := range "abcdefghijklmnopqrstuvwxyz" {
			steps = append(steps, Quiet("add_header_map_value", requestHeaders, "x-many-"+string(c), string(c)))
		}
		return append(steps, Ask("get_header_map_size", requestHeaders, Word))
	}()...),
	requestHead("request-large-value", add(requestHeaders, "x-large", repeat("v", 8000)), value(requestHeaders, "x-large")),

	requestHead("path-replace", replace(requestHeaders, ":path", "/other?x=y"), value(requestHeaders, ":path")),
	requestHead("path-add", add(requestHeaders, ":path", "/more"), value(requestHeaders, ":path")),
	requestHead("method-replace", replace(requestHeaders, ":method", "DELETE"), value(requestHeaders, ":method")),
	requestHead("method-of-a-post", replace(requestHeaders, ":method", "PUT")).from(sending(post("/", "body"))),
	requestHead("method-unknown", replace(requestHeaders, ":method", "BREW")),
	requestHead("authority-replace", replace(requestHeaders, ":authority", "other.test:8080"), value(requestHeaders, ":authority"), value(requestHeaders, "host")),
	requestHead("host-replace", replace(requestHeaders, "host", "other.test"), value(requestHeaders, ":authority"), value(requestHeaders, "host"), allPairs(requestHeaders)),
	requestHead("host-add", add(requestHeaders, "host", "other.test"), value(requestHeaders, ":authority")),
	requestHead("scheme-replace", replace(requestHeaders, ":scheme", "https"), value(requestHeaders, ":scheme")),
	requestHead("scheme-remove", remove(requestHeaders, ":scheme"), value(requestHeaders, ":scheme")),
	requestHead("method-remove", remove(requestHeaders, ":method"), value(requestHeaders, ":method")),
	requestHead("path-remove", remove(requestHeaders, ":path"), value(requestHeaders, ":path")),
	requestHead("authority-remove", remove(requestHeaders, ":authority"), value(requestHeaders, ":authority")),
	requestHead("pseudo-unknown", add(requestHeaders, ":other", "1"), value(requestHeaders, ":other")),
	requestHead("status-on-a-request", add(requestHeaders, ":status", "200"), value(requestHeaders, ":status")),

	requestHead("set-pairs-of-itself", allPairs(requestHeaders), Ask("set_header_map_pairs", requestHeaders, Last), allPairs(requestHeaders)).
		from(sending(get("/a?b", "X-A: one", "Cookie: a", "X-A: two", "Cookie: b"))),
	requestHead("set-pairs", Ask("set_header_map_pairs", requestHeaders, pairs(":path", "/set", "x-set", "1", ":method", "POST", ":authority", "set.test", ":scheme", "http", "x-forwarded-proto", "http", "x-set", "2")),
		allPairs(requestHeaders)),
	requestHead("set-pairs-without-a-method", Ask("set_header_map_pairs", requestHeaders, pairs(":path", "/", ":authority", "set.test", ":scheme", "http", "x-forwarded-proto", "http")),
		value(requestHeaders, ":method")),
	requestHead("set-pairs-without-a-path", Ask("set_header_map_pairs", requestHeaders, pairs(":method", "GET", ":authority", "set.test", ":scheme", "http", "x-forwarded-proto", "http"))),
	requestHead("set-pairs-empty-trailers", Ask("set_header_map_pairs", requestTrailers, pairs("a", "b"))),

	responseHead("response-get", value(responseHeaders, ":status"), value(responseHeaders, "content-type"), value(responseHeaders, "missing"),
		value(responseHeaders, "content-length"), value(responseHeaders, ":path"), allPairs(responseHeaders), Ask("get_header_map_size", responseHeaders, Word)).
		to(answering(plain("418 Teapot", "X-A: one", "Set-Cookie: a", "Set-Cookie: b", "X-A: two"))),
	responseHead("response-add", add(responseHeaders, "x-new", "1"), add(responseHeaders, "x-new", "2"), add(responseHeaders, "set-cookie", "c"),
		add(responseHeaders, "content-type", "more"), add(responseHeaders, "etag", "b"), add(responseHeaders, "vary", "b"), add(responseHeaders, "cache-control", "b"), allPairs(responseHeaders)).
		to(answering(plain("200 OK", "Content-Type: a", "Etag: a", "Vary: a", "Cache-Control: a", "Set-Cookie: a"))),
	responseHead("response-replace", replace(responseHeaders, "x-a", "new"), replace(responseHeaders, "content-type", "text/html"), allPairs(responseHeaders)).
		to(answering(plain("200 OK", "X-A: 1", "X-B: b", "X-A: 2"))),
	responseHead("response-remove", remove(responseHeaders, "x-a"), remove(responseHeaders, "content-type"), remove(responseHeaders, "missing"), allPairs(responseHeaders)).
		to(answering(plain("200 OK", "X-A: 1", "Content-Type: a", "X-A: 2"))),
	responseHead("status-replace", replace(responseHeaders, ":status", "404"), value(responseHeaders, ":status")),
	responseHead("status-of-no-content", value(responseHeaders, ":status")).to(answering("HTTP/1.1 204 No Content\r\n\r\n")),
	responseHead("status-not-modified", allPairs(responseHeaders)).to(answering("HTTP/1.1 304 Not Modified\r\nEtag: a\r\n\r\n")),
	responseHead("status-unknown", value(responseHeaders, ":status")).to(answering(plain("599 Odd"))),
	responseHead("status-remove", remove(responseHeaders, ":status"), value(responseHeaders, ":status")),
	responseHead("response-set-pairs", Ask("set_header_map_pairs", responseHeaders, pairs(":status", "201", "x-set", "1", "content-length", "5")), allPairs(responseHeaders)).to(hello),
	responseHead("response-hop-by-hop", allPairs(responseHeaders)).to(answering(plain("200 OK", "Connection: x-hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic"))),
	responseHead("response-odd-values", add(responseHeaders, "x-high", "\x80\xff"), add(responseHeaders, "x-tab", "a\tb"), add(responseHeaders, "x-empty", "")),
	responseHead("response-large-value", add(responseHeaders, "x-large", repeat("v", 8000))),
	responseHead("response-of-a-head", allPairs(responseHeaders)).
		from(sending(head("HEAD / HTTP/1.1", nil))).
		to(func(o *origin) { o.request(); o.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }),

	one("maps-out-of-phase",
		On("request_headers", value(responseHeaders, ":status"), allPairs(responseHeaders), value(requestTrailers, "a"), allPairs(requestTrailers),
			value(responseTrailers, "a"), allPairs(responseTrailers), value(callHeaders, "a"), allPairs(callHeaders), value(callTrailers, "a"), allPairs(callTrailers),
			value(4, "a"), allPairs(4), value(5, "a"), value(8, "a"), allPairs(8), value(-1, "a"),
			Ask("get_header_map_size", responseHeaders, Word), Ask("get_header_map_size", requestTrailers, Word), Ask("get_header_map_size", callHeaders, Word), Ask("get_header_map_size", 9, Word),
			add(responseHeaders, "a", "b"), add(requestTrailers, "a", "b"), add(callHeaders, "a", "b"), add(9, "a", "b"), remove(responseHeaders, "a"), replace(callTrailers, "a", "b"))),
	one("request-map-later",
		On("response_headers", allPairs(requestTrailers), add(requestHeaders, "a", "b"), replace(requestHeaders, "a", "b"), remove(requestHeaders, "a"), Ask("set_header_map_pairs", requestHeaders, pairs("a", "b")))),
	one("request-map-read-later",
		On("response_headers", value(requestHeaders, ":path"))),
	one("maps-in-log",
		On("log", value(requestHeaders, ":path"), value(responseHeaders, ":status"), value(responseHeaders, "x-a"), value(requestTrailers, "a"), value(responseTrailers, "a"),
			allPairs(requestTrailers), allPairs(responseTrailers), add(requestHeaders, "a", "b"), add(responseHeaders, "a", "b"), remove(responseHeaders, "x-a"),
			Ask("get_header_map_size", requestHeaders, Word), Ask("get_header_map_size", responseHeaders, Word)),
		On("done", value(requestHeaders, ":path"), allPairs(requestHeaders)),
		On("delete", value(requestHeaders, ":path"), allPairs(requestHeaders))).
		to(answering(plain("200 OK", "X-A: 1"))),
	one("maps-at-the-begin", On("context_create", value(requestHeaders, ":path"), allPairs(requestHeaders), add(requestHeaders, "a", "b"))),
}
