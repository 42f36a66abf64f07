// Package explain says what a configuration makes of one request, and why: its
// route and those that it missed, each filter with its verdict and what it changed,
// the cluster, the endpoint, the bounds of time, the retries.
//
// Filters run for real, in the real host and chain, in instances and with state of
// their own: nothing that they count or remember is seen by anybody, and nothing is
// sent. What they ask of clusters is answered as the [Question] says.
//
// Start at [World.Explain] and [Report].
package explain
