package system

import "strings"

// Idle is Weir as it is measured without load: a sidecar with five filters of
// its own.
func Idle() System {
	s := System{binary: weir, spec: weirSpec, env: []string{"WEIR_ROLE=sidecar"}}
	return s.withBuiltin("weir+5", five)
}

// BurnHeader says how much CPU a request is to use, in turns of a loop.
const BurnHeader = "x-burn"

// BurnURL is where [Burning] does.
func (r *Running) BurnURL() string { return strings.TrimSuffix(r.URL, prefix) + "/burn" }

// Burning is Weir with a filter on one route that uses CPU; the other has
// none. Its collector runs far more often than usual: it is the collector that
// must stop all goroutines, and waits for one that does not come.
func Burning() System {
	return System{
		Name: "weir+burn", binary: weir, spec: weirSpec, env: []string{"GOGC=2"}, guest: burn,
	}
}

// Crowded is Weir with room for a thousand streams on a connection of HTTP/2.
func Crowded() System {
	return System{Name: "weir+streams", binary: weir, spec: weirSpec, Streams: 1000}
}

// Collecting is Weir with a filter in Go that keeps 100,000 objects and makes
// more with each request. Its admin's door is open, which tells what that took.
func Collecting() System {
	return System{
		Name: "weir+collect", binary: weir, spec: weirSpec, guest: collect,
		chain: []string{string(collect)},
		wants: wants{up: []field{{"x-live", "100000"}}},
	}
}
