// Package compare measures proxies side by side in one run.
//
// A small machine's speed drifts, and single runs differ by tens of percent.
// So the systems run in turns: each once a round, and what is compared is the
// ratio of two systems within a round, of which the median counts.
//
// Start at [Run].
package compare
