// Package observe shows what the proxy does: metrics, the access log, and the
// process's own log. Filters add to the first two; the core emits all three,
// so that they are there and complete whatever a filter does.
//
// Counting must not cost: whoever builds a snapshot asks [Metrics] for handles
// once, and a stream then adds to atomic numbers, without a lookup and without
// an allocation. A line of the access log is put together in a pooled buffer
// and written by one goroutine; when that falls behind, lines are dropped and
// counted, and no stream waits.
//
// Start at [Metrics] and [AccessLog].
package observe
