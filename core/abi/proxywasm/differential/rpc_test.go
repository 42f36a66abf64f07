package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// The maps and the buffer of gRPC calls.
const (
	rpcInitial  = 4
	rpcTrailing = 5
	rpcMessage  = 5
)

// rpc calls a method of the service; rpcTo another upstream.
func rpc(method string, metadata ...string) Step {
	return rpcTo("service", method, "question", 2000, metadata...)
}

func rpcTo(upstream, method, message string, timeout int, metadata ...string) Step {
	return Both(Quiet("grpc_call", upstream, "test.Service", method, pairs(metadata...), message, timeout, Hidden), Show("grpc_call ", Status))
}

// begin begins a stream whose id goes to a cell.
func begin(upstream, method string, cell uint32, metadata ...string) Step {
	return Both(Both(Quiet("grpc_stream", upstream, "test.Service", method, pairs(metadata...), Hidden), Save(cell, LastWord)), Show("grpc_stream ", Status))
}

// heard are the callbacks of gRPC, each showing what can be read in it. The last
// lets the request go on.
func heard() []Callback {
	read := func(more ...Step) []Step {
		return append([]Step{Ask("get_buffer_bytes", rpcMessage, 0, everything, Text)}, more...)
	}
	return []Callback{
		On("grpc_receive_initial_metadata", read(value(rpcInitial, ":status"), value(rpcInitial, "x-initial"), value(rpcTrailing, "grpc-status"))...),
		On("grpc_receive", read(value(rpcInitial, "x-initial"), Ask("get_buffer_status", rpcMessage, Word, Long), Count(5), When(Cell(4), 0, goOn()...))...),
		On("grpc_receive_trailing_metadata", read(value(rpcTrailing, "grpc-status"), value(rpcTrailing, "grpc-message"), value(rpcTrailing, "x-end"))...),
		On("grpc_close", read(append([]Step{Quiet("get_status", Word, Text), Show("status ", LastWord)}, goOn()...)...)...),
	}
}

// oneRPC is a case whose filter waits for a call.
func oneRPC(name string, made ...Step) differentialCase {
	return one("rpc-"+name, append(heard(), calling(made...))...)
}

// oneStream is a case whose filter waits for a stream of the service: its id is in
// cell 4, by which the callbacks know that a message is not the end.
func oneStream(name, method string, more ...Step) differentialCase {
	return one("rpc-stream-"+name, append(heard(), calling(append([]Step{begin("service", method, 4)}, more...)...))...)
}

func send(cell uint32, message string, end int) Step {
	return Ask("grpc_send", Cell(cell), message, end)
}

var rpcCases = []differentialCase{
	oneRPC("answer", rpc("Answer")),
	oneRPC("large", rpc("Large")),
	oneRPC("empty", rpc("Empty")),
	oneRPC("refuse", rpc("Refuse")),
	oneRPC("nothing", rpc("Nothing")),
	oneRPC("without-a-status", rpc("NoStatus")),
	oneRPC("trailers-only", rpc("TrailersOnly")),
	oneRPC("status-503", rpc("Status503")),
	oneRPC("status-404", rpc("Other")),
	oneRPC("compressed", rpc("Compressed")),
	oneRPC("silent", rpcTo("service", "Silent", "q", 30)),
	oneRPC("refused", rpcTo("refusing", "Answer", "q", 2000)),
	oneRPC("metadata", rpc("Answer", "x-a", "1", "X-B", "2", "x-a", "3")),
	oneRPC("by-message", rpcTo("\x0a\x09\x0a\x07service", "Answer", "q", 2000)),
	oneRPC("by-message-with-an-authority", rpcTo("\x0a\x0f\x0a\x07service\x12\x04host", "Answer", "q", 2000)),
	oneRPC("by-message-with-metadata", rpcTo("\x0a\x09\x0a\x07service\x2a\x08\x0a\x03x-a\x12\x011", "Answer", "q", 2000, "x-b", "2")),
	one("rpc-unknown", On("request_headers", rpcTo("unknown", "Answer", "q", 2000), begin("unknown", "Echo", 1))),
	one("rpc-ids", On("request_headers", Ask("grpc_send", 998, "q", 0), Ask("grpc_send", 997, "q", 0), Ask("grpc_send", 996, "q", 0), Ask("grpc_send", 999, "q", 0),
		Ask("grpc_close", 998), Ask("grpc_close", 997), Ask("grpc_close", 996), Ask("grpc_close", 999),
		Ask("grpc_cancel", 998), Ask("grpc_cancel", 997), Ask("grpc_cancel", 996), Ask("grpc_cancel", 999))),
	oneStream("echo", "Echo", send(4, "one", 0), send(4, "", 0), send(4, "three", 1)),
	oneStream("closed", "Echo", send(4, "one", 0), Ask("grpc_close", Cell(4))),
	oneStream("closed-at-once", "Echo", Ask("grpc_close", Cell(4))),
	oneStream("closed-twice", "Echo", Ask("grpc_close", Cell(4)), Ask("grpc_close", Cell(4))),
	oneStream("trailers-only", "TrailersOnly", send(4, "one", 1)),
	oneStream("status-503", "Status503", send(4, "one", 1)),
	oneStream("refuse", "Refuse", send(4, "one", 1)),
	oneStream("without-a-status", "NoStatus", send(4, "one", 1)),
	oneStream("large", "Large", send(4, "one", 1)),
	oneStream("compressed", "Compressed", send(4, "one", 1)),
	one("rpc-stream-refused", append(heard(), calling(begin("refusing", "Echo", 4), send(4, "one", 1)))...),
	one("rpc-stream-cancelled", calling(begin("service", "Echo", 4)),
		On("grpc_receive_initial_metadata", append([]Step{Ask("grpc_cancel", Cell(4)), Ask("grpc_cancel", Cell(4)), send(4, "late", 0), Ask("grpc_close", Cell(4))}, goOn()...)...),
		On("grpc_receive_trailing_metadata"), On("grpc_close")),
}
