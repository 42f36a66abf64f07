// Package filtertest runs the behaviour scripts of filters: TOML files that
// say what goes in and what must come out. One script runs in several worlds,
// each a [World]: natively, against the host that sdk/sdktest emulates, and as
// WebAssembly in the real one (package realhost). So what is tested natively is what runs.
//
//	[[case]]
//	name = "removes what the upstream says of itself"
//	config = { response = { remove = ["server"] } }
//
//	[[case.stream]]
//	request = { path = "/orders" }
//	response = { status = 200, headers = { server = "x/1" } }
//	want.downstream = { status = 200, absent = ["server"] }
//
// A wanted value that begins with "re:" is a regular expression.
//
// Start at [Load] and [Run].
package filtertest
