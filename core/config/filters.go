package config

// Wasm bounds the engine. A filter's own table may lower or raise some.
type Wasm struct {
	// Instances of a VM. Default: twice the processors Go uses.
	Lanes int `toml:"lanes" check:"min=1,max=1024"`
	// Instances of an http-wasm filter at most, one for each request under way. Default 128.
	Instances int `toml:"instances" check:"min=1,max=65536"`
	// How long a request waits for one of them before it is answered 503. Default "1s".
	InstanceWait Duration `toml:"instance_wait" check:"min=0s,max=1m"`
	// Folder of compiled modules, relative to this file, or "off". Default: a folder in the user's cache.
	Cache string `toml:"cache" check:"min=1"`
	// Memory of an instance. Default "32MiB", modules built with Go "64MiB".
	Memory Size `toml:"memory" check:"optional,min=1MiB,max=4GiB"`
	// CPU time of one callback. Default "10ms".
	Budget Duration `toml:"budget" check:"min=100us,max=10s"`
	// Host calls of one callback. Default 10000.
	HostCalls int `toml:"host_calls" check:"min=1,max=100000000"`
	// Log lines of a filter in a second. Default 100.
	LogLines int `toml:"log_lines" check:"min=0,max=1000000"`
	// Metric series a filter may define. Default 200.
	MetricSeries int `toml:"metric_series" check:"min=0,max=100000"`
	// Shared data of all filters of one VM name. Default "1MiB".
	SharedData Size `toml:"shared_data" check:"min=0B,max=1GiB"`
	// Memory of all encoders that compress bodies at a time (1 to 9 MiB each). Default "64MiB".
	Encoders Size `toml:"encoders" check:"min=0B,max=64GiB"`
	// Shortest timer period. Default "10ms".
	MinTick Duration `toml:"min_tick" check:"min=1ms,max=1m"`
	// HTTP calls of one stream in flight. Default 8.
	MaxCalls int `toml:"max_calls" check:"min=0,max=1000"`
	// Public keys that modules are signed by. Default none.
	Keys []PublicKey `toml:"keys"`
	// Each module must be signed by one of keys, built-in filters aside. Default false.
	RequireSignature bool `toml:"require_signature"`
}

// Memory of an instance where neither wasm.memory nor the filter says.
const (
	DefaultMemory   Size = 32 << 20
	DefaultGoMemory Size = 64 << 20 // for guests built with Go, whose collector needs room
)

// Filter is one configured filter.
type Filter struct {
	// Name of a built-in filter. Either this or module.
	Use string `toml:"use" check:"is=name"`
	// Where the module is: path of a .wasm file, relative to this file,
	// "https://host/path", with sha256, or "oci://registry/repository:tag" or
	// "…@sha256:digest". Either this or use.
	Module string `toml:"module" check:"is=module"`
	// SHA-256 the module must have, 64 hex digits. Default "": any.
	SHA256 string `toml:"sha256" check:"is=sha256"`
	// Who we are to the registry: { env = "NAME" } or { file = "path" } of
	// "user:password" or of a docker config.json. Default: docker's own.
	Credentials any `toml:"credentials"`
	// Speak to the registry without TLS; only to one on this machine. Default false.
	Insecure bool `toml:"insecure"`
	// Path of the module's signature, relative to this file. Default: the one in the module.
	Signature string `toml:"signature"`
	// Names of wasm.keys; one of them must have signed the module. Default: any,
	// where wasm.require_signature or signature asks for one.
	SignedBy []string `toml:"signed_by"`
	// The proxy-wasm root_id. Default: the built-in's name, else "".
	RootID string `toml:"root_id"`
	// Filters of one module with the same vm share instances; "own" shares none. Default "".
	VM string `toml:"vm" check:"is=name"`
	// What the VM is given at its start, as config. Default nothing.
	VMConfig any `toml:"vm_config"`
	// What the filter is given: a table, as JSON with sorted keys, or a string,
	// as it is. { env = "NAME" } and { file = "path" } stand for a secret. Default nothing.
	Config any `toml:"config"`
	// What becomes of a request when the filter fails: "closed" answers 503, "open" goes on without it. Default "closed".
	OnError OnError `toml:"on_error" check:"oneof=closed|open"`
	// The filter guards something: it cannot fail open and has a VM of its own. Default false.
	Security bool `toml:"security"`
	// Clusters the filter may send requests to. Default none.
	Calls []string `toml:"calls"`
	// Environment the module sees. Default nothing.
	Env map[string]string `toml:"env" check:"keys=envname"`
	// Memory of an instance. Default: wasm.memory.
	Memory Size `toml:"memory" check:"optional,min=1MiB,max=4GiB"`
	// Instances of an http-wasm filter at most. Default: wasm.instances.
	Instances int `toml:"instances" check:"optional,min=1,max=65536"`
	// CPU time of one callback. Default: wasm.budget.
	Budget Duration `toml:"budget" check:"optional,min=100us,max=10s"`
	// What a pause at the head does to the body: "stop_all" holds it back,
	// "stop_iteration" shows it to the filter, whose answer to it lets the head go. A
	// security filter needs a callback for bodies then. Default "stop_all".
	OnPause string `toml:"on_pause" check:"oneof=stop_all|stop_iteration"`
}

// Signed says whether a filter's module must be signed.
func (w *Wasm) Signed(f *Filter) bool {
	return f.Use == "" && (w.RequireSignature || f.Signature != "" || len(f.SignedBy) > 0)
}

// OnError is what becomes of a stream whose filter fails.
type OnError string

// The policies.
const (
	OnErrorClosed OnError = "closed"
	OnErrorOpen   OnError = "open"
)

// MemoryOf is the memory of an instance of a filter. goGuest says that its
// module was built with Go.
func (w *Wasm) MemoryOf(f *Filter, goGuest bool) Size {
	switch {
	case f.Memory > 0:
		return f.Memory
	case w.Memory > 0:
		return w.Memory
	case goGuest:
		return DefaultGoMemory
	}
	return DefaultMemory
}

// InstancesOf is how many instances an http-wasm filter has at most.
func (w *Wasm) InstancesOf(f *Filter) int {
	if f.Instances > 0 {
		return f.Instances
	}
	return w.Instances
}

// BudgetOf is the CPU time of one callback of a filter.
func (w *Wasm) BudgetOf(f *Filter) Duration {
	if f.Budget > 0 {
		return f.Budget
	}
	return w.Budget
}
