// Package listener takes connections in: sockets, limits on how many there
// are, the loop of requests on each, and how they end when the process does.
//
// Start at [Open] and [Listener.Serve].
package listener
