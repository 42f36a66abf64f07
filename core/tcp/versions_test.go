package tcp_test

import (
	"testing"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
	"github.com/weirproxy/weir/core/coretest"
)

// TestFilterOfEachVersion: filters of all versions of the ABI have the same callbacks
// of connections, and the same functions in them.
func TestFilterOfEachVersion(t *testing.T) {
	for _, version := range []string{"0_1_0", "0_2_0", "0_2_1"} {
		t.Run(version, func(t *testing.T) {
			up := coretest.Script(t, func(c *coretest.Peer) {
				c.Body(5)
				c.Say("pong")
				c.Ended()
			})
			p := coretest.Proxy(t, filteredBy(t, BinaryOf(version), up.Addr, "", Program{
				Trace(),
				On("new_connection", Ask("continue_stream", 2), Ret(1)),
				On("downstream_data", When(Param(2), 0, Ask("get_buffer_bytes", 2, 0, 100, Text), Ask("set_buffer_bytes", 2, 0, 0, "a"))),
				On("upstream_data", When(Param(2), 0, Ask("set_buffer_bytes", 3, 0, 100, "other"))),
			}))
			c := coretest.Dial(t, p.Addr("db"))
			c.Send("ping")
			exact(t, c.R, "other")
			c.HalfClose()
			if got, failed := all(c.R); got != "" || failed {
				t.Errorf("%q, failed %v", got, failed)
			}
			sees(t, p,
				"context_create(#1)", "new_connection(#1)", "continue_stream=0",
				"downstream_data(#1,4,0)", "get_buffer_bytes=0 ping", "set_buffer_bytes=0",
				"upstream_data(#1,4,0)", "set_buffer_bytes=0",
				"downstream_data(#1,0,1)",
				"upstream_data(#1,0,1)", "upstream_connection_close(#1,0)",
				"downstream_connection_close(#1,1)", "done(#1)", "log(#1)", "delete(#1)",
			)
		})
	}
}

// TestFilterCountsAndShares: metrics and shared data are there in every callback of a
// connection, and outlive it.
func TestFilterCountsAndShares(t *testing.T) {
	up := coretest.Script(t, echo)
	count := Both(Quiet("define_metric", 0, "calls", Word), Quiet("increment_metric", LastWord, int64(1)))
	p := coretest.Proxy(t, filtered(t, up.Addr, "", Program{
		On("new_connection", count, Ask("get_shared_data", "last", Text, Hidden)),
		On("downstream_data", count),
		On("upstream_data", count),
		On("upstream_connection_close", count),
		On("downstream_connection_close", Ask("set_shared_data", "last", "seen", 0), count),
	}))
	for n := range 2 {
		c := coretest.Dial(t, p.Addr("db"))
		c.Send("ping")
		exact(t, c.R, "ping")
		c.HalfClose()
		_, _ = all(c.R)
		// New, data and its end each way, and two closes.
		const each = 7
		coretest.Eventually(t, "every callback is counted", func() bool {
			return p.Metric(`weir_filter_calls_total{filter="f1"}`) == float64(each*(n+1))
		})
	}
	sees(t, p, "get_shared_data=1 ", "set_shared_data=0", "get_shared_data=0 seen", "set_shared_data=0")
}
