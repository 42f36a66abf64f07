// Package server is the composition root: it makes a snapshot of a
// configuration, opens the listeners, swaps snapshots on a reload, and ends
// the process in an order that loses nothing.
//
//	server.go     what runs as long as the process
//	build.go      configuration -> snapshot, in the order of what needs what
//	clusters.go   clusters, kept over reloads that do not change them
//	filters.go    filters and chains
//	identity.go   what TLS shows and asks for
//	workload.go   who we are in a mesh, and what waits for it
//	modules.go    the modules of filters, from files and from elsewhere
//	sides.go      listeners' sides and their routes
//	listeners.go  sockets, opened before a snapshot that needs them is taken
//	overload.go   how short memory is, and what that means here
//	reload.go     SIGHUP, a file's change, and the admin's door
//	watch.go      files that change; seen.go what they were like
//
// Start at [New] and [Server.Run].
package server
