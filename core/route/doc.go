// Package route finds the route of a request, after it has brought the
// request's path into one normal form, so that routes, filters and upstreams
// never read one path in two ways.
//
// # Which route wins
//
// Of the routes whose match a request meets, the first by these rules, each
// asked only where the ones before it are equal:
//
//  1. Host: exact, then the longest "*.suffix", then any.
//  2. Path: exact, then template, then regular expression, then prefix, then
//     no path at all.
//  3. Two templates: segment by segment from the left, a literal before a
//     {part} before {rest...}. Two regular expressions: the longer literal text
//     at the beginning. Two prefixes: the longer.
//  4. The number of further conditions: methods count as one, each header and
//     each query parameter as one.
//  5. The order in the file.
//
// A request that does not meet a route's conditions goes on to the next
// candidate, also from a host to a less specific one. Some proxies stop at the
// most specific host, because there routes are grouped by host. Here a host is
// a condition like any other, and what a match does not name it does not ask:
// a route without hosts that serves /healthz serves it on every host. A host that
// shall keep its requests to itself gets a route without a path.
//
// # Cost
//
// A lookup depends on the length of the path and the host, not on the number
// of routes: hosts and exact paths are hashed, prefixes, templates and the
// literal beginnings of regular expressions lie in a tree of path segments.
// What is tried one by one are routes with the same host and path, and
// regular expressions with the same literal beginning. A search among
// templates may go back, but meets each node of their tree at most once.
//
// Start at [Table] and [Normalizer].
package route
