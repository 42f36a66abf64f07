package proxywasm_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// wasiFunctions are those that these tests import, with their parameters.
var wasiFunctions = map[string]string{
	"clock_time_get": "iIi", "clock_res_get": "ii", "random_get": "ii", "sched_yield": "", "poll_oneoff": "iiii",
	"environ_sizes_get": "ii", "environ_get": "ii", "args_sizes_get": "ii", "args_get": "ii",
	"fd_write": "iiii", "fd_read": "iiii", "fd_seek": "iIii", "fd_close": "i", "fd_fdstat_get": "ii", "fd_fdstat_set_flags": "ii",
	"fd_filestat_get": "ii", "fd_prestat_get": "ii", "fd_prestat_dir_name": "iii", "fd_readdir": "iiiIi", "fd_pread": "iiiIi", "fd_tell": "ii",
	"path_open": "iiiiiIIii", "path_filestat_get": "iiiii", "path_unlink_file": "iii", "path_create_directory": "iii",
	"path_readlink": "iiiiii", "path_rename": "iiiiii", "sock_recv": "iiiiii", "sock_send": "iiiii", "sock_shutdown": "ii",
}

// wasiScript is a script that can call WASI by one of its module's two names.
func wasiScript(module string) *script {
	s := newScript()
	s.extra = func(m *Module) {
		for name, params := range wasiFunctions {
			s.imports[name] = m.Import(module, name, params+":i")
		}
	}
	return s
}

// showMemory logs so many bytes of the guest's memory, in hexadecimal.
func showMemory(at, n int32) step {
	return stepFunc(func(s *script) Code { return Seq(I32(at), I32(n), s.local("hex"), s.local("flush")) })
}

func fillMemory(at, v, n int32) step {
	return stepFunc(func(*script) Code { return Seq(I32(at), I32(v), I32(n), MemoryFill) })
}

// TestWASI: the functions of both modules are one, for what differs between
// them (the order of fd_seek's whence, the size of a file's state, what polls
// wait for) is neither read nor written.
func TestWASI(t *testing.T) {
	const far = -16 // beyond the memory
	for _, module := range []string{"wasi_snapshot_preview1", "wasi_unstable"} {
		run := func(t *testing.T, steps ...step) []string {
			t.Helper()
			h := newHost(t)
			(&exchange{}).run(h.load(wasiScript(module).on("on_request_headers", steps...)))
			return h.log.take()
		}
		t.Run("PW-115 clocks in "+module, func(t *testing.T) {
			before := time.Now().UnixNano()
			lines := run(t, call("clock_time_get", 0, int64(0), 600), call("clock_time_get", 1, int64(0), 608), call("clock_time_get", 1, int64(0), 616),
				call("clock_time_get", 2, int64(0), 624), call("clock_time_get", 0, int64(0), far), call("clock_res_get", 1, 624), call("clock_res_get", 3, 624),
				showMemory(600, 32))
			want := []string{"clock_time_get=0", "clock_time_get=0", "clock_time_get=0", "clock_time_get=58", "clock_time_get=21", "clock_res_get=0", "clock_res_get=58"}
			if got := lines[:len(lines)-1]; strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("answers %q, want %q", got, want)
			}
			b, err := hex.DecodeString(lines[len(lines)-1])
			if err != nil {
				t.Fatal(err)
			}
			at := func(k int) int64 { return int64(binary.LittleEndian.Uint64(b[8*k:])) }
			if wall := at(0); wall < before || wall > time.Now().UnixNano() {
				t.Errorf("the clock says %d, it was at least %d", wall, before)
			}
			if at(1) <= 0 || at(2) < at(1) || at(3) != 1 {
				t.Errorf("the monotonic clock says %d, then %d, and counts by %d", at(1), at(2), at(3))
			}
		})
		t.Run("PW-115 randomness in "+module, func(t *testing.T) {
			lines := run(t, call("random_get", 600, 16), call("random_get", 616, 16), call("random_get", 700, 0), call("random_get", 128<<10, 64<<10),
				call("random_get", 128<<10, 64<<10+1), call("random_get", 700, -1), call("random_get", far, 32), showMemory(600, 32))
			want := "random_get=0 random_get=0 random_get=0 random_get=0 random_get=28 random_get=28 random_get=21"
			last := lines[len(lines)-1]
			if got := strings.Join(lines[:len(lines)-1], " "); got != want {
				t.Errorf("answers %q, want %q", got, want)
			}
			if zero := strings.Repeat("0", 32); last[:32] == zero || last[32:] == zero || last[:32] == last[32:] {
				t.Errorf("%q is not random", last)
			}
		})
		t.Run("PW-116 no files, sockets, arguments or environment in "+module, func(t *testing.T) {
			t.Setenv("WEIR_TEST_SECRET", "s3cret")
			steps := []step{
				call("path_open", 3, 0, "etc/passwd", 0, int64(-1), int64(-1), 0, 600), call("path_filestat_get", 3, 0, "/", 600), call("path_readlink", 3, "a", 600, 8, 604),
				call("path_unlink_file", 3, "a"), call("path_create_directory", 3, "a"), call("path_rename", 3, "a", 3, "b"),
				call("fd_prestat_get", 3, 600), call("fd_prestat_get", 4, 600), call("fd_prestat_dir_name", 3, 600, 8), call("fd_readdir", 3, 600, 8, int64(0), 604),
				call("fd_read", 0, 600, 1, 604), call("fd_pread", 0, 600, 1, int64(0), 604), call("fd_tell", 0, 600), call("fd_write", 0, 600, 0, 604), call("fd_write", 3, 600, 0, 604),
				call("fd_fdstat_get", 0, 600), call("fd_fdstat_get", 3, 600), call("fd_fdstat_set_flags", 1, 0),
				call("sock_recv", 3, 600, 1, 0, 604, 608), call("sock_send", 3, 600, 0, 0, 604), call("sock_shutdown", 3, 0),
				call("args_sizes_get", 600, 604), showMemory(600, 8), call("environ_sizes_get", 600, 604), showMemory(600, 8),
				call("args_get", 600, 604), call("environ_get", 600, 604),
			}
			got := strings.Join(run(t, append([]step{fillMemory(600, 0xff, 64)}, steps...)...), " ")
			const zeros = "0000000000000000"
			want := "path_open=44 path_filestat_get=58 path_readlink=58 path_unlink_file=58 path_create_directory=58 path_rename=58 " +
				"fd_prestat_get=8 fd_prestat_get=8 fd_prestat_dir_name=52 fd_readdir=58 fd_read=52 fd_pread=58 fd_tell=58 fd_write=8 fd_write=8 " +
				"fd_fdstat_get=8 fd_fdstat_get=8 fd_fdstat_set_flags=52 sock_recv=58 sock_send=58 sock_shutdown=58 " +
				"args_sizes_get=0 " + zeros + " environ_sizes_get=0 " + zeros + " args_get=0 environ_get=0"
			if got != want {
				t.Errorf("answers\n%s, want\n%s", got, want)
			}
		})
		t.Run("PW-116 the filter's own environment in "+module, func(t *testing.T) {
			h := newHost(t)
			t.Setenv("WEIR_TEST_SECRET", "s3cret")
			f := h.load(wasiScript(module).on("on_request_headers", call("environ_sizes_get", 600, 604), showMemory(600, 8), call("environ_get", 700, 720), showMemory(720, 12)),
				func(s *proxywasm.Spec) { s.Env = map[string]string{"KEY": "value"} })
			(&exchange{}).run(f)
			h.expect("environ_sizes_get=0", "010000000a000000", "environ_get=0", hexOf("KEY=value\x00")+"0000")
		})
		t.Run("what differs between the two is not touched in "+module, func(t *testing.T) {
			steps := []step{fillMemory(600, 0xff, 128)}
			for whence := range 4 {
				steps = append(steps, call("fd_seek", 1, int64(5), whence, 600))
			}
			steps = append(steps, call("fd_filestat_get", 1, 600), call("path_filestat_get", 3, 0, "a", 600),
				call("poll_oneoff", 600, 660, 1, 724), call("sched_yield"), call("fd_close", 1), showMemory(600, 128))
			got := run(t, steps...)
			want := strings.Repeat("fd_seek=0 ", 4) + "fd_filestat_get=8 path_filestat_get=58 poll_oneoff=0 sched_yield=0 fd_close=0 " +
				strings.Repeat("ff", 124) + "00000000"
			if strings.Join(got, " ") != want {
				t.Errorf("answers %q, want %q", got, want)
			}
		})
	}
}
