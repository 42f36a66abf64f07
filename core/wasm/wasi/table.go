package wasi

import (
	"fmt"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Guest is the instance that calls.
type Guest interface {
	// Read is a view of guest memory, false when it is out of bounds.
	Read(ptr, n uint32) ([]byte, bool)
	WriteU32(ptr, v uint32) bool
	WriteU64(ptr uint32, v uint64) bool
	// Now is the wall clock, Uptime the monotonic one.
	Now() time.Time
	Uptime() time.Duration
	// Charge accounts for work, in about nanoseconds.
	Charge(units int64)
	// Print takes what was written to stream 1 or 2.
	Print(stream int, b []byte)
	// Environ is the environment, as "name=value".
	Environ() []string
}

// Func is a function of WASI: it answers the error number in stack[0].
type Func func(g Guest, stack []uint64)

// errno is an error number of WASI.
type errno = uint64

// The numbers that are answered.
const (
	ok     errno = 0
	badf   errno = 8
	fault  errno = 21
	inval  errno = 28
	noent  errno = 44
	nosys  errno = 52
	notsup errno = 58
)

// Is says whether a module of this name is WASI: of preview 1, or of the draft
// that old modules were built for and that does not differ in what we have.
func Is(module string) bool {
	return module == "wasi_snapshot_preview1" || module == "wasi_unstable"
}

// entry is a function: its parameters, "i" for i32 and "I" for i64, and what
// it does. All but proc_exit answer an i32.
type entry struct {
	params string
	call   func(g Guest, a []uint64) errno
}

// fixed answers e whatever is asked.
func fixed(e errno) func(Guest, []uint64) errno {
	return func(Guest, []uint64) errno { return e }
}

var table = map[string]entry{
	"args_get":          {"ii", fixed(ok)},
	"args_sizes_get":    {"ii", argsSizesGet},
	"environ_get":       {"ii", environGet},
	"environ_sizes_get": {"ii", environSizesGet},

	"clock_res_get":  {"ii", clockResGet},
	"clock_time_get": {"iIi", clockTimeGet},

	"random_get": {"ii", randomGet},

	"poll_oneoff": {"iiii", pollOneoff},
	"sched_yield": {"", fixed(ok)},
	"proc_exit":   {"i", procExit},
	"proc_raise":  {"i", fixed(notsup)},

	"fd_close":            {"i", fixed(ok)},
	"fd_fdstat_get":       {"ii", fdFdstatGet},
	"fd_fdstat_set_flags": {"ii", fixed(nosys)},
	"fd_filestat_get":     {"ii", fixed(badf)},
	"fd_prestat_dir_name": {"iii", fixed(nosys)},
	"fd_prestat_get":      {"ii", fixed(badf)},
	"fd_read":             {"iiii", fixed(nosys)},
	"fd_seek":             {"iIii", fixed(ok)},
	"fd_write":            {"iiii", fdWrite},

	"fd_advise":             {"iIIi", fixed(notsup)},
	"fd_allocate":           {"iII", fixed(notsup)},
	"fd_datasync":           {"i", fixed(notsup)},
	"fd_fdstat_set_rights":  {"iII", fixed(notsup)},
	"fd_filestat_set_size":  {"iI", fixed(notsup)},
	"fd_filestat_set_times": {"iIIi", fixed(notsup)},
	"fd_pread":              {"iiiIi", fixed(notsup)},
	"fd_pwrite":             {"iiiIi", fixed(notsup)},
	"fd_readdir":            {"iiiIi", fixed(notsup)},
	"fd_renumber":           {"ii", fixed(notsup)},
	"fd_sync":               {"i", fixed(notsup)},
	"fd_tell":               {"ii", fixed(notsup)},

	"path_open":               {"iiiiiIIii", fixed(noent)},
	"path_create_directory":   {"iii", fixed(notsup)},
	"path_filestat_get":       {"iiiii", fixed(notsup)},
	"path_filestat_set_times": {"iiiiIIi", fixed(notsup)},
	"path_link":               {"iiiiiii", fixed(notsup)},
	"path_readlink":           {"iiiiii", fixed(notsup)},
	"path_remove_directory":   {"iii", fixed(notsup)},
	"path_rename":             {"iiiiii", fixed(notsup)},
	"path_symlink":            {"iiiii", fixed(notsup)},
	"path_unlink_file":        {"iii", fixed(notsup)},

	"sock_accept":   {"iii", fixed(notsup)},
	"sock_recv":     {"iiiiii", fixed(notsup)},
	"sock_send":     {"iiiii", fixed(notsup)},
	"sock_shutdown": {"ii", fixed(notsup)},
}

// Lookup is the function of a name, imported with the given type.
func Lookup(name string, params, results []api.ValueType) (Func, error) {
	e, known := table[name]
	if !known {
		return nil, fmt.Errorf("WASI preview 1 has no function %q", name)
	}
	want := "i"
	if name == "proc_exit" {
		want = ""
	}
	if spell(params) != e.params || spell(results) != want {
		return nil, fmt.Errorf("WASI's %s takes (%s) and answers (%s), the module imports it as (%s) and (%s), where i is an i32 and I an i64",
			name, e.params, want, spell(params), spell(results))
	}
	if want == "" {
		return func(g Guest, stack []uint64) { e.call(g, stack) }, nil
	}
	return func(g Guest, stack []uint64) { stack[0] = e.call(g, stack) }, nil
}

// spell is a list of types in the table's letters.
func spell(types []api.ValueType) string {
	b := make([]byte, len(types))
	for i, t := range types {
		switch t {
		case api.ValueTypeI32:
			b[i] = 'i'
		case api.ValueTypeI64:
			b[i] = 'I'
		default:
			b[i] = '?'
		}
	}
	return string(b)
}
