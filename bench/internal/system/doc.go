// Package system is the proxies of a benchmark: how each is configured, run,
// and seen to do what it is measured for.
//
// All get the same: two threads, the same origin, connections kept open on
// both sides, no access log. The peers' configurations, in templates, leave
// out what costs them time and is not asked of them.
//
// Start at [All] and [Setup.Start].
package system
