package proxywasm_test

// bufferRows are the functions on buffers: 0 and 1 of the stream, 2 and 3 of
// connections and 5 of gRPC, which are not served, 4 of an answer to a call, 6 and
// 7 of the configuration, 8 of a foreign function, and no buffers.
var bufferRows = []row{
	//  start conf tick new, head root vm call body trailers, head body trailers, log done delete
	{function: "proxy_get_buffer_bytes", args: []any{0, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{1, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{2, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{3, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{4, 0, -1, outBytes{}}, want: "1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_bytes", args: []any{5, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{6, 0, -1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_bytes", args: []any{7, 0, -1, outBytes{}}, want: "1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_bytes", args: []any{8, 0, -1, outBytes{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_bytes", args: []any{9, 0, -1, outBytes{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_get_buffer_bytes", args: []any{-1, 0, -1, outBytes{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},

	{function: "proxy_get_buffer_status", args: []any{0, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{1, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{2, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{3, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{4, outWord{}, 40}, want: "1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_status", args: []any{5, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{6, outWord{}, 40}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_get_buffer_status", args: []any{7, outWord{}, 40}, want: "1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_status", args: []any{8, outWord{}, 40}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_get_buffer_status", args: []any{9, outWord{}, 40}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_get_buffer_status", args: []any{-1, outWord{}, 40}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},

	{function: "proxy_set_buffer_bytes", args: []any{0, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 0 0 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{1, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 0 0 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{2, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{3, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{4, 0, 0, "x"}, want: "1 1 1 1 1 1 1 2 1 1 1 1 1 1 1 1"},
	{function: "proxy_set_buffer_bytes", args: []any{5, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{6, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{7, 0, 0, "x"}, want: "1 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
	{function: "proxy_set_buffer_bytes", args: []any{8, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{9, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_set_buffer_bytes", args: []any{-1, 0, 0, "x"}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
}
