package proxywasm_test

// streamRows are the functions that act on a stream, and its properties.
var streamRows = []row{
	//  start conf tick new, head root vm call body trailers, head body trailers, log done delete
	{function: "proxy_send_local_response", args: []any{403, "", "", "", -1}, want: "2 2 2 2 0 2 0 2 0 0 0 0 0 2 2 2", apart: true},
	{function: "proxy_send_local_response", args: []any{99, "", "", "", -1}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_continue_stream", args: []any{0}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_continue_stream", args: []any{1}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_continue_stream", args: []any{2}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_continue_stream", args: []any{3}, want: "12 12 12 12 12 12 12 12 12 12 12 12 12 12 12 12"},
	{function: "proxy_continue_stream", args: []any{4}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_continue_stream", args: []any{-1}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_continue_request", args: []any{}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_continue_response", args: []any{}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_close_stream", args: []any{0}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_close_stream", args: []any{1}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", apart: true},
	{function: "proxy_close_stream", args: []any{2}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_close_stream", args: []any{3}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_close_stream", args: []any{4}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_clear_route_cache", args: []any{}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_property", args: []any{"request\x00path", outBytes{}}, want: "1 1 1 1 0 1 0 1 0 0 0 0 0 0 1 1"},
	{function: "proxy_get_property", args: []any{"response\x00code", outBytes{}}, want: "1 1 1 1 1 1 1 1 1 1 0 0 0 0 0 0"},
	{function: "proxy_get_property", args: []any{"source\x00address", outBytes{}}, want: "1 1 1 0 0 1 0 1 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_property", args: []any{"plugin_name", outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_property", args: []any{"node\x00id", outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_property", args: []any{"none", outBytes{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_property", args: []any{"", outBytes{}}, want: "3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3"},
	{function: "proxy_set_property", args: []any{"a", "b"}, want: "1 1 1 0 0 1 0 1 0 0 0 0 0 0 0 0"},
	{function: "proxy_set_property", args: []any{"", "b"}, want: "1 1 1 2 2 1 2 1 2 2 2 2 2 2 2 2"},
}
