package differential_test

import (
	"slices"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// Buffers.
const (
	requestBody, responseBody     = 0, 1
	callBody                      = 4
	vmConfig, pluginConfig        = 6, 7
	foreignArguments              = 8
	everything, toTheEnd      int = 1 << 20, -1
)

// way is one of the two directions, for cases that are the same in both.
type way struct {
	name, head, body, trailers string // callbacks
	buffer, fields, trailing   int
}

var ways = []way{
	{"request", "request_headers", "request_body", "request_trailers", requestBody, requestHeaders, requestTrailers},
	{"response", "response_headers", "response_body", "response_trailers", responseBody, responseHeaders, responseTrailers},
}

// sending gives a case the message whose body these chunks are, step by step.
func (w *way) stepwise(c differentialCase, chunks []string, trailers ...string) differentialCase {
	c.filters[0].program = append(c.filters[0].program, Trace())
	if w.name == "request" {
		return c.from(stepwise(chunks, trailers...)).to(answering(plain("200 OK")))
	}
	return c.to(answerStepwise(chunks, trailers...))
}

// whole gives a case the message with that body, at once.
func (w *way) whole(c differentialCase, body string) differentialCase {
	if w.name == "request" {
		return c.from(sending(post("/", body)))
	}
	return c.to(answering(answer("200 OK", body)))
}

func (w *way) set(start, size int, data string) Step {
	return Ask("set_buffer_bytes", w.buffer, start, size, data)
}

func (w *way) get(start, size int) Step {
	return Ask("get_buffer_bytes", w.buffer, start, size, Text)
}

// end is where a body callback's message ends; until there it pauses.
func (w *way) collect(steps ...Step) Callback {
	return On(w.body, append([]Step{Unless(Param(2), 1, Ret(1))}, steps...)...)
}

// resume is a tick that lets the stream go on whose id is in cell 0.
func (w *way) resume(before ...Step) Callback {
	return On("tick", slices.Concat([]Step{Ask("set_effective_context", Cell(0))}, before,
		[]Step{Ask("continue_stream", w.buffer), Quiet("set_tick_period_milliseconds", 0)})...)
}

var abc = []string{"abc", "defgh", "i"}

// bodyCases are those in which a filter sees a body, and changes it.
func bodyCases() (all []differentialCase) {
	for i := range ways {
		w := &ways[i]
		each := func(name string, steps ...Step) {
			all = append(all, w.stepwise(one(w.name+"-body-"+name, On(w.body, steps...)), abc))
		}
		collected := func(name string, steps ...Step) {
			all = append(all, w.stepwise(one(w.name+"-body-collect-"+name, w.collect(steps...)), abc))
		}
		each("pass", w.get(0, everything), Ask("get_buffer_status", w.buffer, Word, Long))
		each("prepend", w.set(0, 0, "<"), w.get(0, everything))
		each("append", w.set(everything, 0, ">"), w.get(0, everything))
		each("append-far", w.set(1<<31-1, 0, ">"), w.get(0, everything))
		each("replace", w.set(0, everything, "new"), w.get(0, everything))
		each("replace-to-the-end", w.set(0, toTheEnd, "new"), w.get(0, everything))
		each("replace-the-begin", w.set(0, 2, "12345"), w.get(0, everything))
		each("replace-the-middle", w.set(1, 1, "-"), w.get(0, everything))
		each("replace-the-end", w.set(2, everything, "-"), w.get(0, everything))
		each("empty", w.set(0, everything, ""), w.get(0, everything))
		each("several-changes", w.set(0, 0, "1"), w.set(everything, 0, "2"), w.set(0, 1, "3"), w.get(0, everything))
		each("grow", w.set(0, everything, repeat("grown", 2000)))
		each("ranges", w.get(0, 0), w.get(1, 1), w.get(2, everything), w.get(100, 1), w.get(0, -1), w.get(-1, -1), w.get(-1, 0), w.get(1, 1<<31-1))
		each("other-buffers", Ask("get_buffer_bytes", 1-w.buffer, 0, 10, Text), Ask("set_buffer_bytes", 1-w.buffer, 0, 0, "x"),
			Ask("get_buffer_bytes", 2, 0, 10, Text), Ask("get_buffer_bytes", 3, 0, 10, Text), Ask("get_buffer_bytes", callBody, 0, 10, Text),
			Ask("get_buffer_bytes", 5, 0, 10, Text), Ask("get_buffer_bytes", pluginConfig, 0, 10, Text), Ask("get_buffer_bytes", 9, 0, 10, Text),
			Ask("set_buffer_bytes", callBody, 0, 0, "x"), Ask("set_buffer_bytes", vmConfig, 0, 0, "x"), Ask("set_buffer_bytes", pluginConfig, 0, 0, "x"),
			Ask("set_buffer_bytes", 9, 0, 0, "x"), Ask("get_buffer_status", 9, Word, Long), Ask("get_buffer_status", 1-w.buffer, Word, Long))
		each("heads", allPairs(requestTrailers), allPairs(responseTrailers), add(responseHeaders, "a", "b"), add(w.trailing, "a", "b"))
		each("drop", Unless(Param(2), 1, Ret(3)))
		each("drop-by-an-unknown-action", Unless(Param(2), 1, Ret(7)))
		each("hold-by-action-2", Unless(Param(2), 1, Ret(2)), w.get(0, everything))
		collected("pass", w.get(0, everything), Ask("get_buffer_status", w.buffer, Word, Long))
		collected("replace", w.set(0, everything, "all new"))
		collected("empty", w.set(0, everything, ""))
		collected("prepend", w.set(0, 0, "<<"))
		collected("append", w.set(everything, 0, ">>"))
		collected("surround", w.set(0, 0, "<<"), w.set(everything, 0, ">>"), w.get(0, everything))
		collected("grow", w.set(everything, 0, repeat("0123456789", 10000)), w.get(0, everything))
		all = append(all,
			w.stepwise(one(w.name+"-body-change-while-collecting",
				On(w.body, w.set(everything, 0, "+"), w.get(0, everything), Unless(Param(2), 1, Ret(1)))), abc),
			w.stepwise(one(w.name+"-body-replace-while-collecting",
				On(w.body, w.set(0, everything, "only"), w.get(0, everything), Unless(Param(2), 1, Ret(1)))), abc),
			w.stepwise(one(w.name+"-body-hold-one-piece",
				On(w.body, w.get(0, everything), Count(0), When(Cell(0), 1, Ret(1)))), abc),
			w.stepwise(one(w.name+"-body-hold-every-other-piece",
				On(w.body, w.get(0, everything), Count(0), When(Cell(0), 1, Ret(1)), When(Cell(0), 3, Ret(1)))), []string{"a", "b", "c", "d"}),
			w.stepwise(one(w.name+"-body-drop-behind-held",
				On(w.body, w.get(0, everything), Count(0), When(Cell(0), 1, Ret(1)), When(Cell(0), 2, Ret(3)))), abc),
			w.stepwise(one(w.name+"-body-drop-the-end", On(w.head, Save(0, Param(0))),
				On(w.body, When(Param(2), 1, Quiet("set_tick_period_milliseconds", 5)), Ret(3)), w.resume()), abc),
			w.stepwise(one(w.name+"-body-append-at-the-end",
				On(w.body, When(Param(2), 1, w.set(everything, 0, ">")))), abc),
			w.stepwise(one(w.name+"-body-one-chunk", On(w.body, w.get(0, everything))), []string{"abc"}),
			w.stepwise(one(w.name+"-body-binary", On(w.body, Ask("get_buffer_bytes", w.buffer, 0, everything, Hex))), []string{"\x00\r\n\xff", "\n\n"}),
			w.whole(one(w.name+"-body-with-a-length", Trace()), "whole body"),
			w.whole(one(w.name+"-body-with-a-length-collected", w.collect(w.get(0, everything))), "whole body"),
			w.whole(one(w.name+"-body-with-a-length-replaced",
				On(w.head, remove(w.fields, "content-length")), w.collect(w.set(0, everything, "of another length"))), "whole body"),
			w.whole(one(w.name+"-body-with-a-length-of-the-same-size",
				w.collect(w.set(0, everything, "BODY WHOLE"))), "whole body"),
			w.whole(one(w.name+"-body-large", w.collect(w.get(0, everything))), repeat("0123456789", 10000)),
			w.whole(one(w.name+"-body-large-passed"), repeat("0123456789", 50000)),
			w.whole(one(w.name+"-body-large-emptied", On(w.head, remove(w.fields, "content-length")), w.collect(w.set(0, everything, ""))), repeat("0123456789", 10000)),
			w.whole(one(w.name+"-body-out-of-phase",
				On(w.head, w.get(0, everything), Ask("get_buffer_status", w.buffer, Word, Long), w.set(0, 0, "x")),
				On("log", w.get(0, everything), w.set(0, 0, "x"))), "body"),
		)
	}
	return slices.Concat(all, []differentialCase{
		one("request-without-a-body", Trace()).to(answering(plain("200 OK"))),
		one("request-with-length-0", Trace()).from(sending(post("/", ""))).to(answering(plain("200 OK"))),
		one("request-chunked-and-empty", Trace()).from(sending(postChunked("/", nil))).to(answering(plain("200 OK"))),
		one("response-chunked-and-empty", Trace()).to(answering(answerChunked(nil))),
		one("chunked-heads", On("request_headers", allPairs(requestHeaders)), On("response_headers", allPairs(responseHeaders))).
			from(sending(postChunked("/", []string{"chunk"}))).to(answering(answerChunked([]string{"chunk"}))),
		one("response-until-the-end", On("response_body", Unless(Param(2), 1, Ret(1)), Ask("get_buffer_bytes", responseBody, 0, everything, Text))).
			to(func(o *origin) { o.request(); o.say("HTTP/1.1 200 OK\r\n\r\nuntil the end"); o.cut() }),
		one("request-length-read-back", On("request_headers", value(requestHeaders, "content-length"), value(requestHeaders, "transfer-encoding"))).
			from(sending(post("/", "body"))),
		one("get-with-a-body", On("request_body", Unless(Param(2), 1, Ret(1)), Ask("get_buffer_bytes", requestBody, 0, everything, Text))).
			from(sending(head("GET / HTTP/1.1", []string{"Content-Length: 4"}) + "body")),
		one("options-and-patch", allMethods()).
			from(sending(head("OPTIONS / HTTP/1.1", nil), head("PATCH / HTTP/1.1", nil), head("DELETE / HTTP/1.1", nil), head("TRACE / HTTP/1.1", nil))),
	})
}

func allMethods() Callback { return On("request_headers", value(requestHeaders, ":method")) }
