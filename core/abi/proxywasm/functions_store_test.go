package proxywasm_test

// storeRows are the functions on what outlives streams.
var storeRows = []row{
	//  start conf tick new, head root vm call body trailers, head body trailers, log done delete
	{function: "proxy_get_shared_data", args: []any{"k", outBytes{}, outWord{}}, want: "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_set_shared_data", "k", "v", 0)}},
	{function: "proxy_get_shared_data", args: []any{"none", outBytes{}, outWord{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_set_shared_data", "k", "v", 0)}},
	{function: "proxy_set_shared_data", args: []any{"k", "v", 0}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_set_shared_data", "k", "v", 0)}},
	{function: "proxy_set_shared_data", args: []any{"k", "v", 999999}, want: "8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8", before: []step{quiet("proxy_set_shared_data", "k", "v", 0)}},
	{function: "proxy_register_shared_queue", args: []any{"q", outWord{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_resolve_shared_queue", args: []any{"", "q", outWord{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_resolve_shared_queue", args: []any{"", "none", outWord{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_enqueue_shared_queue", args: []any{1, "x"}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_enqueue_shared_queue", args: []any{0, "x"}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_enqueue_shared_queue", args: []any{-1, "x"}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_dequeue_shared_queue", args: []any{1, outBytes{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_dequeue_shared_queue", args: []any{0, outBytes{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_define_metric", args: []any{0, "m", outWord{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"},
	{function: "proxy_define_metric", args: []any{3, "m", outWord{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
	{function: "proxy_record_metric", args: []any{4, int64(1)}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_record_metric", args: []any{0, int64(1)}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_record_metric", args: []any{999, int64(1)}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_increment_metric", args: []any{4, int64(1)}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_increment_metric", args: []any{0, int64(1)}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_increment_metric", args: []any{999, int64(1)}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_get_metric", args: []any{4, outLong{}}, want: "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_get_metric", args: []any{0, outLong{}}, want: "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_get_metric", args: []any{999, outLong{}}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_increment_metric", args: []any{4, int64(0)}, want: "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2", before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
}
