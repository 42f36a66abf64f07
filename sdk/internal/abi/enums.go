package abi

// Map names a list of fields.
type Map uint32

// The maps. Values are the ABI's.
const (
	RequestHeaders   Map = 0
	RequestTrailers  Map = 1
	ResponseHeaders  Map = 2
	ResponseTrailers Map = 3
	GRPCInitial      Map = 4
	GRPCTrailing     Map = 5
	HTTPCallHeaders  Map = 6
	HTTPCallTrailers Map = 7
)

// Buffer names a run of bytes.
type Buffer uint32

// The buffers. Values are the ABI's.
const (
	RequestBody    Buffer = 0
	ResponseBody   Buffer = 1
	DownstreamData Buffer = 2 // of a TCP connection
	UpstreamData   Buffer = 3
	HTTPCallBody   Buffer = 4
	GRPCMessage    Buffer = 5
	VMConfig       Buffer = 6
	PluginConfig   Buffer = 7
	ForeignResult  Buffer = 8
)

// Metric is a kind of metric.
type Metric uint32

// The kinds. Values are the ABI's.
const (
	Counter   Metric = 0
	Gauge     Metric = 1
	Histogram Metric = 2
)

// Direction is one half of an HTTP stream, or of a TCP connection.
type Direction uint32

// The directions. Values are the ABI's.
const (
	Request    Direction = 0
	Response   Direction = 1
	Downstream Direction = 2
	Upstream   Direction = 3
)
