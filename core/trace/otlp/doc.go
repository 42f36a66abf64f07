// Package otlp brings spans to a receiver of the OpenTelemetry protocol over HTTP, in
// its binary form (OTLP 1.x).
//
// A span is written in that form at once, into a [Span] that is used again, and added
// to the batch that is being filled. One goroutine takes full batches, and every now
// and then what there is. Whatever becomes of the receiver, adding never waits: a span
// that finds the queue full is dropped and counted.
//
// Start at [Exporter] and [Span].
package otlp
