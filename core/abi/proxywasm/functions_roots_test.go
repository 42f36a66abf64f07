package proxywasm_test

// rootRows are the functions on contexts, timers and calls, and those that need none.
var rootRows = []row{
	//  start conf tick new, head root vm call body trailers, head body trailers, log done delete
	{function: "proxy_set_effective_context", args: []any{0}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_set_effective_context", args: []any{1}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_set_effective_context", args: []any{99}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_effective_context", args: []any{-1}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_done", args: []any{}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_set_tick_period_milliseconds", args: []any{0}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_http_call", args: []any{"auth", pairs(":method", "GET", ":path", "/", ":authority", "a"), "", "", 0, outWord{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_http_call", args: []any{"other", pairs(":method", "GET", ":path", "/", ":otherority", "a"), "", "", 0, outWord{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_http_call", args: []any{"auth", pairs(), "", "", 0, outWord{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_call_foreign_function", args: []any{"clear_route_cache", "", outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_call_foreign_function", args: []any{"none", "", outBytes{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_call_foreign_function", args: []any{"weir.phases", "\x00\x00\x00\x00", outBytes{}}, want: "2 0 2 2 2 2 2 2 2 2 2 2 2 2 2 2", apart: true},
	{function: "proxy_call_foreign_function", args: []any{"set_envoy_filter_state", "\n\x01a\x12\x01b", outBytes{}}, want: "2 2 2 2 0 2 0 2 0 0 0 0 0 2 2 2"},
	{function: "proxy_get_configuration", args: []any{outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_log", args: []any{2, "x"}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_log", args: []any{6, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_log", args: []any{-1, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_get_log_level", args: []any{outWord{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_current_time_nanoseconds", args: []any{outLong{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_status", args: []any{outWord{}, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
}
