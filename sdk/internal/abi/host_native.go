//go:build !wasm

package abi

// Host is the other side in a native build. Bytes it answers with are valid
// until the callback returns.
type Host interface {
	HeaderGet(m Map, name string) ([]byte, Status)
	HeaderSet(m Map, name, value string) Status
	HeaderAdd(m Map, name, value string) Status
	HeaderDel(m Map, name string) Status
	HeaderPairs(m Map) ([]byte, Status)
	HeaderSetPairs(m Map, pairs []byte) Status

	BufferGet(b Buffer, start, limit uint32) ([]byte, Status)
	BufferLen(b Buffer) (uint32, Status)
	BufferSet(b Buffer, start, size uint32, data string) Status

	Reply(status uint32, details, body string, headers []byte, grpc int32) Status
	Continue(d Direction) Status
	CloseStream(d Direction) Status
	SetEffective(id uint32) Status
	Done() Status

	PropertyGet(path string) ([]byte, Status)
	PropertySet(path, value string) Status
	Log(level uint32, text string) Status
	LogLevel() (uint32, Status)
	Now() int64
	SetTick(milliseconds uint32) Status

	MetricDefine(kind Metric, name string) (uint32, Status)
	MetricRecord(id uint32, value int64) Status
	MetricIncrement(id uint32, delta int64) Status
	MetricGet(id uint32) (uint64, Status)

	SharedGet(key string) (value []byte, cas uint32, s Status)
	SharedSet(key, value string, cas uint32) Status
	QueueRegister(name string) (uint32, Status)
	QueueResolve(vm, name string) (uint32, Status)
	QueuePush(id uint32, value string) Status
	QueuePop(id uint32) ([]byte, Status)

	Call(cluster string, headers []byte, body string, trailers []byte, milliseconds uint32) (uint32, Status)
	GRPCCall(cluster, service, method string, metadata []byte, message string, milliseconds uint32) (uint32, Status)
	GRPCStream(cluster, service, method string, metadata []byte) (uint32, Status)
	GRPCSend(id uint32, message string, end bool) Status
	GRPCClose(id uint32) Status
	GRPCCancel(id uint32) Status
	CallStatus() (code uint32, text []byte, s Status)
	Foreign(name string, args []byte) ([]byte, Status)
}

// Current is the host whose callback runs. A test's host sets it around each.
var Current Host

// NewGuest makes an independent guest, as a new instance of a module is. The
// SDK sets it.
var NewGuest func() Guest

// Root is 0: a native host makes a context for each stream.
func Root() uint32 { return 0 }

// BeginCallback has nothing to do here: a native host looks after its memory.
func BeginCallback() {}
