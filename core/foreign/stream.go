package foreign

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// streamFunctions act on the current stream.
var streamFunctions = []Function{
	{Name: "clear_route_cache", Run: clearRouteCache},
	{Name: "set_envoy_filter_state", Run: setFilterState},
}

// clearRouteCache takes and answers nothing.
func clearRouteCache(c Call, dst, _ []byte) ([]byte, int64, Status) {
	return dst, 100, c.ClearRoute()
}

// setFilterState takes Envoy's SetEnvoyFilterStateArguments. Its life span,
// field 3, has no effect: what is set lives as long as the stream.
func setFilterState(c Call, dst, message []byte) ([]byte, int64, Status) {
	var path, value []byte
	ok := fields(message, func(number protowire.Number, v []byte) {
		switch number {
		case 1:
			path = v
		case 2:
			value = v
		}
	})
	if !ok || !utf8.Valid(path) || !utf8.Valid(value) {
		return dst, refusal, BadArgument
	}
	return dst, 300, c.SetFilterState(string(path), value)
}
