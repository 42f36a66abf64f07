package overload_test

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/weirproxy/weir/core/overload"
)

// system is a machine's files, by path without the leading slash.
type system map[string]string

func (s system) files() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range s {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

const (
	cgroupFile = "proc/self/cgroup"
	mountsFile = "proc/self/mountinfo"

	// What systems with version 2, version 1 and both look like.
	mountV2 = "22 1 0:20 / /proc rw - proc proc rw\n30 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
	mountV1 = "31 23 0:29 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n" +
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
		"41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
	ownV1 = "9:name=systemd:/x\n4:cpu,memory:/pod/a\n0::/elsewhere\n"
)

// TestAuto finds the limit that is the tightest, and what counts against it.
func TestAuto(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files system
		want  overload.Reading
		err   string // part of the error
	}{
		{name: "no cgroups at all"},
		{name: "version 2, in a container of its own", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2,
			"sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "700\n",
			"sys/fs/cgroup/memory.stat": "anon 400\nfile 300\ninactive_file 100\nactive_file 150\nslab 5\n",
		}, want: overload.Reading{Used: 450, Limit: 1000, Of: "cgroup /sys/fs/cgroup"}},
		{name: "no limit", files: system{
			cgroupFile: "0::/a\n", mountsFile: mountV2,
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.high": "max\n", "sys/fs/cgroup/a/memory.current": "700\n",
		}},
		{name: "throttled before it is killed", files: system{
			cgroupFile: "0::/a\n", mountsFile: mountV2,
			"sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/memory.high": "800\n", "sys/fs/cgroup/a/memory.current": "10\n",
		}, want: overload.Reading{Used: 10, Limit: 800, Of: "cgroup /sys/fs/cgroup/a"}},
		{name: "a limit of nothing", files: system{
			cgroupFile: "0::/a\n", mountsFile: mountV2,
			"sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/memory.high": "0\n", "sys/fs/cgroup/a/memory.current": "10\n",
		}, want: overload.Reading{Used: 10, Limit: 1000, Of: "cgroup /sys/fs/cgroup/a"}},
		{name: "the group above is tighter", files: system{
			cgroupFile: "0::/pod/a\n", mountsFile: mountV2,
			"sys/fs/cgroup/pod/a/memory.max": "1000\n", "sys/fs/cgroup/pod/a/memory.current": "500\n",
			"sys/fs/cgroup/pod/memory.max": "2000\n", "sys/fs/cgroup/pod/memory.current": "1900\n",
		}, want: overload.Reading{Used: 1900, Limit: 2000, Of: "cgroup /sys/fs/cgroup/pod"}},
		{name: "only the group above has a limit", files: system{
			cgroupFile: "0::/pod/a\n", mountsFile: mountV2,
			"sys/fs/cgroup/pod/a/memory.max": "max\n",
			"sys/fs/cgroup/pod/memory.max":   "2000\n", "sys/fs/cgroup/pod/memory.current": "1\n",
		}, want: overload.Reading{Used: 1, Limit: 2000, Of: "cgroup /sys/fs/cgroup/pod"}},
		{name: "a sibling whose name begins like ours", files: system{
			cgroupFile:                 "0::/podium\n",
			mountsFile:                 "30 22 0:26 /pod /cg rw - cgroup2 cgroup2 rw\n",
			"cg/memory.max":            "1000\n",
			"cg/memory.current":        "5\n",
			"cg/ium/memory.max":        "7\n",
			"cg/ium/memory.current":    "7\n",
			"cg/podium/memory.max":     "7\n",
			"cg/podium/memory.current": "7\n",
		}, want: overload.Reading{Used: 5, Limit: 1000, Of: "cgroup /cg"}},
		{name: "version 1", files: system{
			cgroupFile: ownV1, mountsFile: mountV1,
			"sys/fs/cgroup/memory/pod/a/memory.limit_in_bytes": "1000\n",
			"sys/fs/cgroup/memory/pod/a/memory.usage_in_bytes": "900\n",
			"sys/fs/cgroup/memory/pod/a/memory.stat":           "inactive_file 1\nactive_file 1\ntotal_inactive_file 100\ntotal_active_file 200\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":       "9223372036854771712\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes":       "9000\n",
		}, want: overload.Reading{Used: 600, Limit: 1000, Of: "cgroup /sys/fs/cgroup/memory/pod/a"}},
		{name: "version 1 without a limit", files: system{
			cgroupFile: ownV1, mountsFile: mountV1,
			"sys/fs/cgroup/memory/pod/a/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/unified/elsewhere/memory.max":       "1\n",
		}},
		{name: "a path of the host's in a container", files: system{
			cgroupFile: "4:memory:/docker/abc\n",
			mountsFile: "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "10\n",
		}, want: overload.Reading{Used: 10, Limit: 1000, Of: "cgroup /sys/fs/cgroup/memory"}},
		{name: "moved out of its namespace", files: system{
			cgroupFile: "0::/../other\n", mountsFile: mountV2,
			"sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "10\n",
		}, want: overload.Reading{Used: 10, Limit: 1000, Of: "cgroup /sys/fs/cgroup"}},
		{name: "several mounts, a blank in a path", files: system{
			cgroupFile:               "0::/b/c\n",
			mountsFile:               "30 22 0:26 /a /first rw - cgroup2 cgroup2 rw\n31 22 0:26 /b /my\\040groups rw - cgroup2 cgroup2 rw\n",
			"my groups/c/memory.max": "1000\n", "my groups/c/memory.current": "10\n",
		}, want: overload.Reading{Used: 10, Limit: 1000, Of: "cgroup /my groups/c"}},
		{name: "more cache than usage", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "1000", "sys/fs/cgroup/memory.current": "5",
			"sys/fs/cgroup/memory.stat": "inactive_file 6\n",
		}, want: overload.Reading{Used: 0, Limit: 1000, Of: "cgroup /sys/fs/cgroup"}},
		{name: "not mounted", files: system{cgroupFile: "0::/a\n", mountsFile: "22 1 0:20 / /proc rw - proc proc rw\n"}},
		{name: "lines that are none", files: system{cgroupFile: "\n1:2\nnonsense", mountsFile: mountV2}},
		{name: "mounts that are none", files: system{cgroupFile: "0::/", mountsFile: "\n - \n1 2 3 - cgroup2\n1 2 3 4 5 - cgroup2 x\n"}},
		{name: "no mounts to read", files: system{cgroupFile: "0::/a\n"}, err: "finding where cgroups are mounted"},
		{name: "a limit that is garbage", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "lots\n",
		}, err: `/sys/fs/cgroup/memory.max holds "lots", want a number of bytes`},
		{name: "a negative limit", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "-1\n",
		}, err: `memory.max holds "-1"`},
		{name: "a usage that is empty", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "",
		}, err: `memory.current holds ""`},
		{name: "a cache that is garbage", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "5\n",
			"sys/fs/cgroup/memory.stat": "active_file much\n",
		}, err: `memory.stat holds "active_file much`},
		{name: "a folder for a file", files: system{
			cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max/x": "",
		}, err: "sys/fs/cgroup/memory.max"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := overload.Machine{Files: tt.files.files(), Runtime: unbound}
			got, err := m.Read(overload.Auto)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if tt.want.Limit > 0 {
				tt.want.Go = 77
			}
			if got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// unbound is a runtime without GOMEMLIMIT.
func unbound() overload.Reading {
	return overload.Reading{Used: 77, Limit: math.MaxInt64, Of: "GOMEMLIMIT"}
}

func TestRuntimeLimitIsForWhoHasNoCgroup(t *testing.T) {
	bound := func() overload.Reading { return overload.Reading{Used: 77, Limit: 100, Of: "GOMEMLIMIT"} }
	m := overload.Machine{Files: system{}.files(), Runtime: bound}
	if r, err := m.Read(overload.Auto); err != nil || r != (overload.Reading{Used: 77, Limit: 100, Go: 77, Of: "GOMEMLIMIT"}) {
		t.Errorf("%+v %v", r, err)
	}
	m = overload.Machine{Runtime: bound, Files: system{
		cgroupFile: "0::/\n", mountsFile: mountV2, "sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "5\n",
	}.files()}
	if r, err := m.Read(overload.Auto); err != nil || r.Limit != 1000 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestChanges: limits change while a process runs, and it can be moved.
func TestChanges(t *testing.T) {
	s := system{
		cgroupFile: "0::/a\n", mountsFile: mountV2,
		"sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/memory.current": "5\n",
		"sys/fs/cgroup/b/memory.max": "3000\n", "sys/fs/cgroup/b/memory.current": "5\n",
	}
	files := s.files()
	m := overload.Machine{Files: files, Runtime: unbound}
	limit := func() int64 {
		t.Helper()
		r, err := m.Read(overload.Auto)
		if err != nil {
			t.Fatal(err)
		}
		return r.Limit
	}
	if n := limit(); n != 1000 {
		t.Errorf("%d, want 1000", n)
	}
	files["sys/fs/cgroup/a/memory.max"].Data = []byte("2000")
	if n := limit(); n != 2000 {
		t.Errorf("%d after it was raised to 2000", n)
	}
	files[cgroupFile].Data = []byte("0::/b\n")
	for range 100 { // 25 s
		if limit() == 3000 {
			return
		}
	}
	t.Error("it is still in the group it was moved out of")
}

// TestSize is a limit of the process alone.
func TestSize(t *testing.T) {
	page := int64(os.Getpagesize())
	for _, tt := range []struct {
		name  string
		files system
		used  int64
		err   string
	}{
		{"resident without files", system{"proc/self/statm": "765 424 396 5 0 123 0\n"}, 28 * page, ""},
		{"the system does not tell", system{}, 77, ""},
		{"too few", system{"proc/self/statm": "765 424\n"}, 0, "too few numbers"},
		{"garbage", system{"proc/self/statm": "a b c\n"}, 0, "not numbers of pages"},
		{"more shared than there is", system{"proc/self/statm": "1 2 3\n"}, 0, "not numbers of pages"},
		{"more than there can be", system{"proc/self/statm": "1 9223372036854775807 3\n"}, 0, "not numbers of pages"},
	} {
		m := overload.Machine{Files: tt.files.files(), Runtime: unbound}
		r, err := m.Read(500)
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
		want := overload.Reading{Used: tt.used, Limit: 500, Go: 77, Of: "memory_limit"}
		if tt.err != "" {
			want = overload.Reading{}
		}
		if r != want {
			t.Errorf("%s: %+v, want %+v", tt.name, r, want)
		}
	}
}

// TestThisMachine reads what this process has: more than it holds on to here,
// and less once it has let go of it.
func TestThisMachine(t *testing.T) {
	m := new(overload.Machine)
	if r, err := m.Read(overload.Auto); err != nil || r.Limit > 0 && r.Used <= 0 {
		t.Errorf("%+v %v", r, err)
	}
	const much = 64 << 20
	held := make([]byte, much)
	for i := 0; i < much; i += 1 << 10 {
		held[i] = 1
	}
	full, err := m.Read(1 << 40)
	runtime.KeepAlive(held)
	held = nil
	if err != nil || full.Used < much || full.Used > 1<<40 {
		t.Fatalf("%+v %v", full, err)
	}
	release := overload.New(overload.Options{Read: func(overload.Limit) (overload.Reading, error) { return full, nil }})
	release.Set(overload.Settings{Limit: 1, Thresholds: overload.Thresholds{1e-9, 1, 1, 1}})
	release.Sample()
	release.Set(overload.Settings{Limit: overload.Off})
	if r, err := m.Read(1 << 40); err != nil || r.Used > full.Used-much/2 {
		t.Errorf("%+v %v after the release, %+v before", r, err, full)
	}
}

// FuzzFind reads what no kernel writes.
func FuzzFind(f *testing.F) {
	f.Add("0::/a\n", mountV2, "1000\n")
	f.Add(ownV1, mountV1, "max")
	f.Add("0::/../x", "30 22 0:26 /\\057b cg rw - cgroup2 x rw", "-1")
	f.Add("0::/a/../../b", "1 2 3 / . x - cgroup2 a b", "9223372036854775807")
	f.Fuzz(func(t *testing.T, own, mounts, limit string) {
		m := overload.Machine{Runtime: unbound, Files: system{
			cgroupFile: own, mountsFile: mounts,
			"sys/fs/cgroup/memory.max": limit, "sys/fs/cgroup/memory.current": "5",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": limit, "sys/fs/cgroup/memory/memory.usage_in_bytes": "5",
		}.files()}
		if r, err := m.Read(overload.Auto); r.Used < 0 || r.Limit < 0 || err != nil && r != (overload.Reading{}) {
			t.Error(fmt.Sprintf("%+v", r), err)
		}
	})
}
