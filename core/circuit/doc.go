// Package circuit holds circuits: where an upstream fails again and again, asking
// it once more helps nobody. A closed circuit lets requests through and counts how
// they end; too many errors open it, and nothing goes through for a while; then it
// is half-open, and a few requests, the probes, decide whether it closes.
//
// A circuit is found by a key and lives in the host: exact over all lanes, and
// neither a trap nor a reload forgets it. The policy comes with each request, so a
// reload changes it without forgetting what was counted.
//
// Start at [Set.Enter] and [Policy].
package circuit
