package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// saveAndTick remembers the stream and has the timer resume it.
func saveAndTick() []Step {
	return []Step{Save(0, Param(0)), Quiet("set_tick_period_milliseconds", 5)}
}

func pausing(then ...Step) []Step { return append(saveAndTick(), append(then, Ret(1))...) }

// pausedHead is a case whose filter pauses at a head until the timer's steps.
func pausedHead(w *way, name string, ticks ...Step) differentialCase {
	return one(w.name+"-pause-"+name, Trace(), On(w.head, pausing()...), w.resume(ticks...)).to(answering(plain("200 OK", "X-A: 1")))
}

// pauseCases are those in which a filter pauses and something resumes it.
func pauseCases() (all []differentialCase) {
	for i := range ways {
		w := &ways[i]
		all = append(all,
			pausedHead(w, "and-resume"),
			pausedHead(w, "change-and-resume", add(w.fields, "x-late", "1"), replace(w.fields, "x-case", "pause"), allPairs(w.fields)),
			pausedHead(w, "other-maps", allPairs(requestTrailers), allPairs(responseTrailers), add(w.trailing, "a", "b")),
			pausedHead(w, "twice-resumed", Ask("continue_stream", w.buffer), Ask("continue_stream", w.buffer)),
			pausedHead(w, "body", w.get(0, everything), Ask("get_buffer_status", w.buffer, Word, Long), w.set(0, 0, "x")),
			one(w.name+"-pause-and-reply-from-a-tick", Trace(), On(w.head, pausing()...),
				On("tick", Quiet("set_tick_period_milliseconds", 0), Ask("set_effective_context", Cell(0)),
					Ask("send_local_response", 403, "details", "no", pairs("x-a", "b"), -1))).
				to(answering(plain("200 OK"))),
			one(w.name+"-pause-and-reply-without-the-context", On(w.head, pausing()...),
				On("tick", Count(1), Ask("send_local_response", 403, "", "no", "", -1), Ask("set_effective_context", Cell(0)), Ask("continue_stream", w.buffer),
					Quiet("set_tick_period_milliseconds", 0))).
				to(answering(plain("200 OK"))),
			one(w.name+"-resume-within-the-callback", On(w.head, Ask("continue_stream", w.buffer), Ret(1))).to(answering(plain("200 OK"))),
			one(w.name+"-action-2-at-the-head", Trace(), On(w.head, Ret(2))).to(answering(plain("200 OK"))),
			one(w.name+"-pause-at-the-second-tick", On(w.head, pausing()...),
				On("tick", Count(1), Show("tick ", Cell(1)), When(Cell(1), 2, Ask("set_effective_context", Cell(0)), Ask("continue_stream", w.buffer),
					Quiet("set_tick_period_milliseconds", 0)))).to(answering(plain("200 OK"))),
			w.stepwise(one(w.name+"-pause-at-the-body", On(w.head, saveAndTick()[0]),
				w.collect(Quiet("set_tick_period_milliseconds", 5), w.get(0, everything), Ret(1)),
				w.resume(w.get(0, everything), w.set(0, 0, "<"), add(w.fields, "a", "b"))), abc),
			w.whole(one(w.name+"-pause-at-the-head-of-a-body", On(w.head, pausing()...), w.resume(), w.collect(w.get(0, everything))), "whole body"),
			w.whole(chain(w.name+"-pause-of-the-first-of-two",
				Program{On(w.head, pausing()...), w.resume(add(w.fields, "x-first", "1"))},
				Program{On(w.head, allPairs(w.fields)), w.collect(w.get(0, everything))}), "whole body"),
			w.whole(chain(w.name+"-pause-of-the-second-of-two",
				Program{On(w.head, allPairs(w.fields)), w.collect(w.get(0, everything))},
				Program{On(w.head, pausing()...), w.resume(add(w.fields, "x-second", "1"))}), "whole body"),
			w.whole(chain(w.name+"-pause-of-both",
				Program{On(w.head, pausing()...), w.resume(add(w.fields, "x-first", "1"))},
				Program{On(w.head, pausing()...), w.resume(add(w.fields, "x-second", "1"))}), "whole body"),
			w.stopped(one(w.name+"-stop-iteration-held-to-the-end",
				On(w.head, Ret(1)),
				w.collect(w.get(0, everything), add(w.fields, "x-late", "1"), remove(w.fields, "content-length"), w.set(everything, 0, "!"))), abc),
			w.stopped(one(w.name+"-stop-iteration-let-go-by-the-first-piece",
				On(w.head, Ret(1)), On(w.body, value(w.fields, "x-case"), add(w.fields, "x-late", "1"))), abc),
			w.stopped(one(w.name+"-stop-iteration-dropping",
				On(w.head, Ret(1)), On(w.body, Unless(Param(2), 1, Ret(3)), w.set(0, everything, "new"))), abc),
			w.stopped(one(w.name+"-stop-iteration-resumed-by-a-tick",
				On(w.head, Save(0, Param(0)), Ret(1)),
				On(w.body, When(Param(2), 1, Quiet("set_tick_period_milliseconds", 5)), Ret(1)),
				w.resume(add(w.fields, "x-late", "1"), w.set(0, 0, "<"))), abc),
		)
	}
	// Left out, because they end Envoy's process: continue_stream(1) while the
	// request is under way, close_stream in on_log, a reply from there.
	return append(all,
		one("continue-of-the-request-at-the-response", Trace(), On("response_headers", pausing()...), ways[1].resume(Ask("continue_stream", 0))).
			to(answering(plain("200 OK"))),
		one("pause-without-end-and-a-second-request",
			On("request_headers", Count(1), When(Cell(1), 1, Save(0, Param(0)), Say("paused"), Ret(1)),
				Ask("set_effective_context", Cell(0)), add(requestHeaders, "x-by", "the second"), Ask("continue_stream", 0),
				Quiet("set_effective_context", Param(0)), local(200, "", "resumed", ""))).
			from(func(c *client) {
				c.send(get("/first"))
				c.await("paused")
				second := &client{run: c.run, addr: c.addr, tag: c.tag}
				second.send(get("/second"))
				second.read("GET")
				second.close()
				c.read("GET")
			}),
		one("continue-of-other-streams",
			On("request_headers", Ask("continue_stream", 2), Ask("continue_stream", 3), Ask("continue_stream", 4), Ask("continue_stream", -1),
				Ask("close_stream", 2), Ask("close_stream", 3), Ask("close_stream", 9))).
			to(answering(plain("200 OK"))).alone(),
		one("continue-where-nothing-pauses", On("response_headers", Ask("continue_stream", 0)), On("log", Ask("continue_stream", 0))).alone(),
		one("tick-changes-its-period", On("request_headers", pausing()...),
			On("tick", Count(1), When(Cell(1), 1, Ask("set_tick_period_milliseconds", 1)), When(Cell(1), 3, Ask("set_tick_period_milliseconds", 0),
				Ask("set_effective_context", Cell(0)), Ask("continue_stream", 0)))),
		one("tick-is-on-the-root", On("request_headers", pausing()...),
			On("tick", Quiet("set_tick_period_milliseconds", 0), value(requestHeaders, ":path"), allPairs(requestHeaders), add(requestHeaders, "a", "b"),
				Ask("get_property", "request\x00path", Text), Ask("get_property", "plugin_name", Text), Ask("set_property", "a", "b"),
				Ask("continue_stream", 0), Ask("close_stream", 0), Ask("get_buffer_bytes", 0, 0, 10, Text), Ask("set_buffer_bytes", 0, 0, 0, "a"),
				Ask("set_effective_context", 123456),
				Ask("set_effective_context", Cell(0)), value(requestHeaders, ":path"), Ask("continue_stream", 0))),
	)
}

// stopped is stepwise with a filter that is shown the body while it holds the
// head.
func (w *way) stopped(c differentialCase, chunks []string) differentialCase {
	c = w.stepwise(c, chunks)
	c.filters[0].pause = true
	return c
}
