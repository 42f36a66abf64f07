// Package trace is a request's part in a distributed trace: which trace it belongs
// to, whether it is recorded, what its upstream is told, and the spans that are
// left of it. A filter decides all of that once, when it is configured: its
// declaration is a [Policy]. Streams of routes without one are not touched.
//
// Heads come in and go out in the formats of W3C Trace Context and B3
// ([Extract], [Inject]). What is recorded is put into the exporter of package
// trace/otlp while the stream runs: each try and each call as it ends, the filters
// and the stream itself at the end. So nothing is kept for a stream, and one that
// is not recorded allocates nothing.
//
// Start at [Policy] and [Stream].
package trace
