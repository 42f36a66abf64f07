// Package overload is the memory ladder: what the proxy gives up, step by
// step, so that it is never killed for the memory it takes.
//
//	level          from share   what it costs
//	calm
//	shrink         0.85         collections of garbage, the memory given back
//	no_keep_alive  0.92         connections: each response is its last
//	shed           0.95         new requests: 503 before a body is read
//	no_accept      0.98         new connections: they wait in the backlog
//
// Each level includes those before it. A kill ends all that is under way, on
// every connection; a 503 ends one request, and says so. What is under way is
// never touched: it is what gives the memory back.
//
// A [Monitor] looks every 250 ms and publishes the level in one atomic word,
// which is all that a request pays. It rises at once, and falls one level a
// second, from a little below where the level began: see ladder.go.
//
// Garbage is nobody's overload: while there is a limit, Go's runtime is held to
// what keeps the whole below the second step, see guide in monitor.go.
//
// The memory is that which the limit is of: the cgroup's, without the page
// cache that the kernel drops before it kills; where no cgroup bounds us, that
// of Go's runtime against GOMEMLIMIT; and the process's own where the limit
// is configured as a size. See [Machine].
//
// Start at [Monitor].
package overload
