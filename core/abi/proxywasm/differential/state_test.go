package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

func getShared(key string) Step { return Ask("get_shared_data", key, Text, Hidden) }
func setShared(key, value string, cas any) Step {
	return Ask("set_shared_data", key, value, cas)
}

// The kinds of metrics.
const counter, gauge, histogram = 0, 1, 2

func define(kind int, name string) Step { return Quiet("define_metric", kind, name, Word) }

// metric defines one, keeps its id in a cell, and does something with it.
func metric(kind int, name string, steps ...Step) []Step {
	return append([]Step{define(kind, name), Show("defined ", Status), Save(0, LastWord)}, steps...)
}

func read() Step                  { return Ask("get_metric", Cell(0), Long) }
func record(v int64) Step         { return Ask("record_metric", Cell(0), v) }
func increment(v int64) Step      { return Ask("increment_metric", Cell(0), v) }
func foreign(name, a string) Step { return Ask("call_foreign_function", name, a, Hex) }
func queue(name string) []Step {
	return []Step{Quiet("register_shared_queue", name, Word), Show("registered ", Status), Save(0, LastWord)}
}
func enqueue(item string) Step     { return Ask("enqueue_shared_queue", Cell(0), item) }
func dequeue() Step                { return Ask("dequeue_shared_queue", Cell(0), Text) }
func resolve(vm, name string) Step { return Quiet("resolve_shared_queue", vm, name, Word) }

func steps(parts ...[]Step) (all []Step) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// stateCases are those of what outlives a stream.
var stateCases = []differentialCase{
	requestHead("shared-data", getShared("k"), setShared("k", "one", 0), getShared("k"), setShared("k", "two", 0), getShared("k"),
		setShared("k", "three", LastWord), getShared("k"), setShared("k", "four", 9999), getShared("k")).alone(),
	requestHead("shared-data-odd", setShared("", "empty key", 0), getShared(""), setShared("empty", "", 0), getShared("empty"), setShared("\x00\xff", "\x00\xff", 0),
		Ask("get_shared_data", "\x00\xff", Hex, Hidden), setShared("large", repeat("v", 20000), 0), getShared("large")).alone(),
	requestHead("shared-data-cas-of-a-missing-key", setShared("missing", "a", 77), getShared("missing"), setShared("missing", "b", LastWord), getShared("missing")).alone(),
	requestHead("shared-data-is-kept", getShared("n"), setShared("n", "again", 0)).from(sending(get("/"), get("/"), get("/"))).alone(),
	one("shared-data-of-the-start", On("configure", Quiet("set_shared_data", "started", "yes", 0)), On("request_headers", getShared("started"))).alone(),
	chain("shared-data-between-filters", Program{On("request_headers", setShared("between", "one", 0)), On("response_headers", getShared("between"))},
		Program{On("request_headers", getShared("between"), setShared("between", "two", 0))}).alone(),
	differentVMs("shared-data-of-another-vm", Program{On("request_headers", setShared("other", "one", 0))}, Program{On("request_headers", getShared("other"))}),

	requestHead("queue", steps(queue("q"), []Step{dequeue(), enqueue("one"), enqueue(""), enqueue("three"), dequeue(), dequeue(), dequeue(), dequeue()})...).alone(),
	requestHead("queue-unknown", Ask("enqueue_shared_queue", 0, "x"), Ask("dequeue_shared_queue", 0, Text), Ask("enqueue_shared_queue", 9999, "x"), Ask("dequeue_shared_queue", 9999, Text),
		resolve("", "none"), Show("resolved ", Status), resolve("no-such-vm", "q"), Show("resolved ", Status)).alone(),
	requestHead("queue-twice", steps(queue("q"), []Step{Save(1, Cell(0))}, queue("q"), []Step{enqueue("x"), Ask("dequeue_shared_queue", Cell(1), Text)})...).alone(),
	requestHead("queue-resolved", steps(queue("q"), []Step{resolve("", "q"), Show("resolved ", Status), Save(1, LastWord), enqueue("x"), Ask("dequeue_shared_queue", Cell(1), Text),
		resolve("queue-resolved", "q"), Show("resolved ", Status), Save(1, LastWord), enqueue("y"), Ask("dequeue_shared_queue", Cell(1), Text)})...).alone(),
	one("queue-ready", On("request_headers", steps([]Step{Save(2, Param(0))}, queue("q"), []Step{enqueue("one"), enqueue("two"), Ret(1)})...),
		On("queue_ready", Count(1), Show("ready ", Cell(1)), dequeue(), value(requestHeaders, ":path"), When(Cell(1), 2, Ask("set_effective_context", Cell(2)), Ask("continue_stream", 0)))).alone(),
	differentVMs("queue-between-vms", Program{On("request_headers", steps(queue("q"), []Step{Save(2, Param(0))})...),
		On("queue_ready", dequeue(), Say("received")), On("response_headers")},
		Program{On("request_headers", resolve("queue-between-vms-1", "q"), Show("resolved ", Status), Save(0, LastWord), enqueue("from two"))}).
		from(func(c *client) {
			c.send(get("/"))
			c.await("received")
			c.read("GET")
		}).to(func(o *origin) { o.request(); o.await("received"); o.say(plain("200 OK")) }),

	requestHead("metric-counter", metric(counter, "c1", read(), increment(1), increment(5), read(), record(10), read(), increment(0), increment(-1), read())...).alone(),
	requestHead("metric-gauge", metric(gauge, "g1", read(), record(10), read(), increment(5), read(), increment(-3), read(), record(2), read(), increment(0), read())...).alone(),
	requestHead("metric-histogram", metric(histogram, "h1", record(10), increment(1), read())...).alone(),
	requestHead("metric-unknown-kind", define(3, "x"), Show("defined ", Status), define(-1, "x"), Show("defined ", Status)).alone(),
	requestHead("metric-unknown-id", Ask("get_metric", 999999, Long), Ask("increment_metric", 999999, int64(1)), Ask("record_metric", 999999, int64(1))).alone(),
	requestHead("metric-id-0", Ask("get_metric", 0, Long), Ask("increment_metric", 0, int64(1)), Ask("record_metric", 0, int64(1))).alone(),
	requestHead("metric-twice", steps(metric(counter, "twice", increment(2)), metric(counter, "twice", read(), increment(1), read()))...).alone(),
	requestHead("metric-of-two-kinds", steps(metric(counter, "kinds", increment(2)), metric(gauge, "kinds", read(), record(7), read()), metric(counter, "kinds", read()))...).alone(),
	requestHead("metric-is-kept", metric(counter, "kept", increment(1), read())...).from(sending(get("/"), get("/"))).alone(),
	requestHead("metric-names", steps(metric(counter, "a.b-c_d/e", increment(1), read()), metric(counter, "with blank", increment(1), read()))...).alone(),
	requestHead("metric-without-a-name", metric(counter, "", increment(1), read())...).alone(),
	one("metric-in-all-phases", On("configure", metric(counter, "phases")...), On("request_headers", increment(1), read()), On("response_headers", increment(1), read()), On("log", increment(1))).alone(),

	requestHead("foreign-unknown", foreign("no_such_function", "x"), foreign("", "")),
	requestHead("foreign-compress", Quiet("call_foreign_function", "compress", "hello hello hello hello", Hex), Ask("call_foreign_function", "uncompress", Last, Text), foreign("uncompress", "not zlib"), foreign("uncompress", "")),
	requestHead("foreign-without-results", Ask("call_foreign_function", "compress", "hello", 0, 0), Ask("call_foreign_function", "no_such_function", "", 0, 0)),
	requestHead("foreign-clear-route-cache", foreign("clear_route_cache", "")),
	requestHead("foreign-malformed", foreign("set_envoy_filter_state", "\xff"), foreign("verify_signature", "\xff"), foreign("sign", "\xff")),
	requestHead("log-levels", Ask("log", 0, "trace"), Ask("log", 1, "debug"), Ask("log", 2, "info"), Ask("log", 3, "warn"), Ask("log", 4, "error"), Ask("log", 5, "critical"), Ask("log", 6, "none"), Ask("log", -1, "none")),
	requestHead("log-odd", Ask("log", 2, ""), Ask("log", 2, "ends\n"), Ask("log", 2, "ä")),
	requestHead("log-level", Ask("get_log_level", Word)),
	requestHead("time", Quiet("get_current_time_nanoseconds", Long), Show("time ", Status)),
}

// differentVMs is a chain of filters that have a VM each.
func differentVMs(name string, programs ...Program) differentialCase {
	c := chain(name, programs...)
	for i := range c.filters {
		c.filters[i].vm = name + []string{"-1", "-2", "-3"}[i]
	}
	return c
}
