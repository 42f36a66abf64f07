package differential_test

import (
	"strings"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// networkCases are those of filters of connections.
func networkCases() (all []networkCase) {
	for _, some := range [][]networkCase{networkLives(), networkPauses(), networkChanges(), networkEnds(), networkFunctions()} {
		all = append(all, some...)
	}
	return all
}

// passingBy logs each callback with what it is shown.
func passingBy() Program {
	return Program{
		Trace(),
		On("downstream_data", Ask("get_buffer_bytes", 2, 0, 1000, Text)),
		On("upstream_data", Ask("get_buffer_bytes", 3, 0, 1000, Text)),
	}
}

// networkLives: what a filter sees that does nothing.
func networkLives() []networkCase {
	return []networkCase{
		network("tcp-life", passingBy()),
		network("tcp-life-of-two", passingBy(), passingBy()),
		network("tcp-life-server-first", passingBy()).from(func(c *talker) {
			c.hear(5)
			c.say("thanks")
			c.await("downstream_data(#1,6,0)")
			c.half()
			c.rest()
		}).to(func(o *talker) {
			o.say("hello")
			o.hear(6)
			o.rest()
		}),
		network("tcp-life-upstream-ends-first", passingBy()).from(func(c *talker) {
			c.rest()
			c.say("still")
			c.await("downstream_data(#1,5,0)")
			c.half()
		}).to(func(o *talker) {
			o.say("hello")
			o.await("upstream_data(#1,5,0)")
			o.half()
			o.rest()
		}),
		network("tcp-life-client-closes", passingBy()).from(func(c *talker) {
			c.say("ping")
			c.hear(4)
		}),
		network("tcp-life-client-resets", passingBy()).from(func(c *talker) {
			c.say("ping")
			c.hear(4)
			c.reset()
		}),
		network("tcp-life-upstream-resets", passingBy()).from(func(c *talker) {
			c.say("ping")
			c.rest()
		}).to(func(o *talker) {
			o.hear(4)
			o.reset()
		}),
		network("tcp-life-silent", passingBy()).from(func(c *talker) {
			c.half()
			c.rest()
		}).to(func(o *talker) { o.rest() }),
		network("tcp-life-pieces", passingBy()).from(func(c *talker) {
			c.say("pi")
			c.await("downstream_data(#1,2,0)")
			c.say("ng")
			c.hear(4)
			c.half()
			c.rest()
		}),
	}
}

// networkPauses: what is held, and let go.
func networkPauses() []networkCase {
	tick := func(steps ...Step) Callback {
		return On("tick", append([]Step{Quiet("set_tick_period_milliseconds", 0)}, steps...)...)
	}
	later := []Step{Save(0, Param(0)), Quiet("set_tick_period_milliseconds", 20), Ret(1)}
	return []networkCase{
		network("tcp-pause-new-connection-until-tick", Program{Trace(), On("new_connection", later...),
			tick(Ask("set_effective_context", Cell(0)), Ask("continue_stream", 2))}).from(func(c *talker) {
			c.hear(5)
			c.half()
			c.rest()
		}).to(func(o *talker) {
			o.say("hello")
			o.rest()
		}),
		network("tcp-pause-new-connection-then-data", Program{Trace(), On("new_connection", later...),
			On("downstream_data", Ask("get_buffer_bytes", 2, 0, 100, Text)),
			tick(Ask("get_buffer_bytes", 2, 0, 100, Text), Ask("set_effective_context", Cell(0)), Ask("get_buffer_bytes", 2, 0, 100, Text), Ask("continue_stream", 2))}),
		network("tcp-pause-upstream-at-the-end", Program{Trace(), On("upstream_data", Ret(1))}).from(func(c *talker) { c.rest() }).to(func(o *talker) { o.say("pong") }),
		network("tcp-pause-downstream-until-enough", holding("downstream_data", 4)).from(func(c *talker) {
			c.say("p")
			c.await("downstream_data(#1,1,0)")
			c.say("i")
			c.await("downstream_data(#1,2,0)")
			c.say("ng")
			c.hear(4)
			c.half()
			c.await("downstream_data(#1,0,1)")
		}).to(func(o *talker) {
			o.hear(4)
			o.say("pong")
			o.rest()
		}),
		network("tcp-pause-downstream-until-end", Program{Trace(), On("downstream_data", When(Param(2), 0, Ret(1)))}).from(func(c *talker) {
			c.say("all at")
			c.await("downstream_data(#1,6,0)")
			c.say(" once")
			c.await("downstream_data(#1,11,0)")
			c.half()
			c.rest()
		}).to(func(o *talker) {
			o.rest()
		}),
		network("tcp-pause-downstream-until-tick", Program{Trace(), On("downstream_data", later...),
			tick(Ask("set_effective_context", Cell(0)), Ask("get_buffer_bytes", 2, 0, 100, Text), Ask("set_buffer_bytes", 2, 4, 0, "!"), Ask("continue_stream", 2))}).
			from(func(c *talker) {
				c.say("ping")
				c.hear(4)
			}).to(func(o *talker) {
			o.hear(5)
			o.say("pong")
			o.rest()
		}),
		network("tcp-pause-upstream-until-enough", holding("upstream_data", 4)).from(func(c *talker) {
			c.hear(4)
		}).to(func(o *talker) {
			o.say("p")
			o.await("upstream_data(#1,1,0)")
			o.say("o")
			o.await("upstream_data(#1,2,0)")
			o.say("ng")
			o.rest()
		}),
		network("tcp-pause-upstream-until-tick", Program{Trace(), On("upstream_data", later...),
			tick(Ask("set_effective_context", Cell(0)), Ask("get_buffer_bytes", 3, 0, 100, Text), Ask("continue_stream", 3), Say("ticked"))}).
			from(func(c *talker) { c.await("ticked") }).to(func(o *talker) {
			o.say("pong")
			o.rest()
		}),
		network("tcp-pause-of-the-first-of-two", holding("downstream_data", 4), passingBy()).from(func(c *talker) {
			c.say("pi")
			c.await("downstream_data(#1,2,0)")
			c.say("ng")
			c.hear(4)
		}),
		network("tcp-pause-of-the-second-of-two", passingBy(), holding("downstream_data", 4)).from(func(c *talker) {
			c.say("pi")
			c.awaitN("downstream_data(#1,2,0)", 2)
			c.say("ng")
			c.hear(4)
		}),
		network("tcp-pause-and-continue-at-once", Program{Trace(), On("downstream_data", Ask("continue_stream", 2), Ret(1))}).from(func(c *talker) {
			c.say("ping")
			c.await("continue_stream=0")
			c.say("more")
			c.awaitN("continue_stream=0", 2)
		}).to(func(o *talker) { o.rest() }),
		network("tcp-pause-much-until-end", Program{Trace(), On("downstream_data", When(Param(2), 0, Ret(1)), Ask("get_buffer_bytes", 2, 0, 1000000, Text))}).
			from(func(c *talker) {
				c.say(strings.Repeat("x", 5000))
				c.await("downstream_data(#1,5000,0)")
				c.half()
				c.rest()
			}).to(func(o *talker) { o.rest() }),
	}
}

// networkChanges: what a filter makes of the bytes.
func networkChanges() (all []networkCase) {
	for _, d := range []struct {
		name, callback string
		buffer         int
	}{{"downstream", "downstream_data", 2}, {"upstream", "upstream_data", 3}} {
		for _, c := range []struct {
			name string
			args []any
		}{
			{"append", []any{d.buffer, 4, 0, "-b"}},
			{"append-far", []any{d.buffer, 1000, 0, "-b"}},
			{"prepend", []any{d.buffer, 0, 0, "a-"}},
			{"replace", []any{d.buffer, 0, 4, "other"}},
			{"replace-all", []any{d.buffer, 0, 1000, "other"}},
			{"replace-beginning", []any{d.buffer, 0, 1, "P"}},
			{"replace-middle", []any{d.buffer, 1, 2, "--"}},
			{"empty", []any{d.buffer, 0, 1000, ""}},
		} {
			all = append(all, network("tcp-"+d.name+"-"+c.name,
				changing(d.callback, d.buffer, When(Param(1), 4, Ask("set_buffer_bytes", c.args...)))).from(func(c *talker) {
				if d.buffer == 2 {
					c.say("ping")
				}
				c.await(d.callback + "(#1,4,0)")
				c.half()
				c.rest()
			}).to(func(o *talker) {
				if d.buffer == 3 {
					o.say("pong")
				}
				o.rest()
			}))
		}
	}
	return append(all,
		network("tcp-change-of-two", Program{On("downstream_data", When(Param(1), 4, Ask("set_buffer_bytes", 2, 100, 0, "1")))},
			Program{Trace(), On("downstream_data", When(Param(1), 5, Ask("set_buffer_bytes", 2, 100, 0, "2"))), On("upstream_data", Ask("set_buffer_bytes", 3, 100, 0, "2"))},
			Program{Trace(), On("upstream_data", Ask("set_buffer_bytes", 3, 100, 0, "3"))}).from(func(c *talker) {
			c.say("ping")
			c.hear(6)
		}).to(func(o *talker) {
			o.hear(6)
			o.say("pong")
			o.rest()
		}),
		network("tcp-append-at-the-end", Program{Trace(), On("downstream_data", When(Param(2), 1, Ask("set_buffer_bytes", 2, 0, 0, "last")))}),
	)
}
