package guest

// callback is an export that the host calls: its type, and which of its
// parameters a trace shows. The first is a context in all.
type callback struct {
	name   string
	sig    string
	answer int32
	shown  []uint32
}

var callbacks = []callback{
	{"context_create", "ii", 0, nil},
	{"vm_start", "ii:i", 1, []uint32{1}},
	{"configure", "ii:i", 1, []uint32{1}},
	{"tick", "i", 0, nil},
	{"queue_ready", "ii", 0, nil},
	{"http_call_response", "iiiii", 0, []uint32{3, 4}},
	{"grpc_receive_initial_metadata", "iii", 0, nil}, // how many there are is the codec's
	{"grpc_receive", "iii", 0, []uint32{2}},
	{"grpc_receive_trailing_metadata", "iii", 0, nil},
	{"grpc_close", "iii", 0, []uint32{2}},
	{"foreign_function", "iii", 0, []uint32{2}},
	{"request_headers", "iii:i", 0, []uint32{1, 2}},
	{"request_body", "iii:i", 0, []uint32{1, 2}},
	{"request_trailers", "ii:i", 0, []uint32{1}},
	{"response_headers", "iii:i", 0, []uint32{1, 2}},
	{"response_body", "iii:i", 0, []uint32{1, 2}},
	{"response_trailers", "ii:i", 0, []uint32{1}},
	{"new_connection", "i:i", 0, nil},
	{"downstream_data", "iii:i", 0, []uint32{1, 2}},
	{"upstream_data", "iii:i", 0, []uint32{1, 2}},
	{"downstream_connection_close", "ii", 0, []uint32{1}},
	{"upstream_connection_close", "ii", 0, []uint32{1}},
	{"done", "i:i", 1, nil},
	{"log", "i", 0, nil},
	{"delete", "i", 0, nil},
}

// function is one of the host's.
type function struct{ name, params string }

var functions = []function{
	{"log", "iii"}, {"get_log_level", "i"}, {"get_current_time_nanoseconds", "i"}, {"get_status", "iii"},
	{"get_header_map_size", "ii"}, {"get_header_map_pairs", "iii"}, {"set_header_map_pairs", "iii"},
	{"get_header_map_value", "iiiii"}, {"add_header_map_value", "iiiii"},
	{"replace_header_map_value", "iiiii"}, {"remove_header_map_value", "iii"},
	{"get_buffer_bytes", "iiiii"}, {"get_buffer_status", "iii"}, {"set_buffer_bytes", "iiiii"},
	{"get_property", "iiii"}, {"set_property", "iiii"},
	{"send_local_response", "iiiiiiii"}, {"continue_stream", "i"}, {"close_stream", "i"},
	{"set_effective_context", "i"}, {"done", ""}, {"set_tick_period_milliseconds", "i"},
	{"http_call", "iiiiiiiiii"}, {"call_foreign_function", "iiiiii"},
	{"grpc_call", "iiiiiiiiiiii"}, {"grpc_stream", "iiiiiiiii"}, {"grpc_send", "iiii"}, {"grpc_close", "i"}, {"grpc_cancel", "i"},
	{"get_shared_data", "iiiii"}, {"set_shared_data", "iiiii"},
	{"register_shared_queue", "iii"}, {"resolve_shared_queue", "iiiii"},
	{"enqueue_shared_queue", "iii"}, {"dequeue_shared_queue", "iii"},
	{"define_metric", "iiii"}, {"record_metric", "iI"}, {"increment_metric", "iI"}, {"get_metric", "ii"},
}

// The instructions, and what stands behind each.
const (
	opEnd   = iota
	opCall  // function, flags, number of arguments, arguments
	opSay   // text
	opShow  // text, argument
	opRet   // argument
	opTrap  //
	opSave  // cell, argument
	opCount // cell
	opWhen  // argument, number, 1 for equal, bytes to skip otherwise
)

// An argument is a kind and two words.
const (
	kindConst = iota
	kindString
	kindText
	kindHex
	kindPairs
	kindWord
	kindHidden
	kindLong
	kindCell
	kindParam
	kindLast
	kindLastSize
	kindLastWord
	kindStatus
)

const (
	flagTrace = 1 // of a program
	flagQuiet = 1 // of a call
)
