package overload

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync"
)

// Limit is what bounds the memory: bytes of this process, or Auto or Off.
type Limit int64

const (
	// Auto is what the cgroup allows, else GOMEMLIMIT, else nothing.
	Auto Limit = 0
	// Off is no limit.
	Off Limit = -1
)

// Reading is how much memory is used and may be, in bytes.
type Reading struct {
	Used, Limit int64  // a Limit of 0 is none
	Go          int64  // of Used, what Go's runtime holds, garbage included
	Of          string // what the limit is of, for the log
}

// share is the part of the limit that is used, 0 without a limit.
func (r Reading) share() float64 {
	if r.Limit <= 0 {
		return 0
	}
	return float64(r.Used) / float64(r.Limit)
}

// Machine reads memory where the system tells of it. Zero fields mean this
// machine's. It is for one goroutine at a time.
type Machine struct {
	Files   fs.FS          // the root folder
	Runtime func() Reading // Go's runtime: what counts against GOMEMLIMIT, and that

	groups []group
	reads  int
}

// searchEvery is after how many readings our cgroup is looked for again: a
// process can be moved to another.
const searchEvery = 64

// Read is the memory that counts against limit. The error says which file says
// what.
func (m *Machine) Read(limit Limit) (Reading, error) {
	if m.Files == nil {
		m.Files = os.DirFS("/")
	}
	if m.Runtime == nil {
		m.Runtime = goRuntime
	}
	own := m.Runtime()
	var r Reading
	var err error
	if limit == Auto {
		r, err = m.tightest()
		if err == nil && r.Limit == 0 && own.Limit > 0 && own.Limit < math.MaxInt64 {
			r = own
		}
	} else {
		r = Reading{Limit: int64(limit), Of: "memory_limit"}
		r.Used, err = m.process()
	}
	if err != nil || r.Limit == 0 {
		return Reading{}, err
	}
	r.Go = own.Used
	return r, nil
}

// tightest is the memory of that cgroup of ours that is nearest to its limit.
func (m *Machine) tightest() (Reading, error) {
	if m.reads%searchEvery == 0 {
		groups, err := findGroups(m.Files)
		if err != nil {
			return Reading{}, err
		}
		m.groups = groups
	}
	m.reads++
	tightest := Reading{}
	for _, g := range m.groups {
		r, err := g.read(m.Files)
		if err != nil {
			m.reads = 0 // it may be another by now
			return Reading{}, err
		}
		if tightest.Limit == 0 || r.share() > tightest.share() {
			tightest = r
		}
	}
	return tightest, nil
}

// process is what this process keeps the system from using otherwise: its
// resident memory without that of files. Where the system does not tell, it is
// what Go's runtime has.
func (m *Machine) process() (int64, error) {
	const file = "proc/self/statm" // pages: size, resident, of it shared with files, …
	text, err := fs.ReadFile(m.Files, file)
	if err != nil {
		return m.Runtime().Used, nil
	}
	fields := bytes.Fields(text)
	if len(fields) < 3 {
		return 0, fmt.Errorf("reading /%s: %q has too few numbers", file, text)
	}
	resident, err1 := strconv.ParseInt(string(fields[1]), 10, 64)
	shared, err2 := strconv.ParseInt(string(fields[2]), 10, 64)
	if err1 != nil || err2 != nil || resident < shared || resident > math.MaxInt64/int64(os.Getpagesize()) {
		return 0, fmt.Errorf("reading /%s: %q are not numbers of pages", file, text)
	}
	return (resident - shared) * int64(os.Getpagesize()), nil
}

// goRuntime is what counts against GOMEMLIMIT, and that.
func goRuntime() Reading {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return Reading{Used: int64(samples[0].Value.Uint64() - samples[1].Value.Uint64()), Limit: goLimit(), Of: "GOMEMLIMIT"}
}

// goLimit is GOMEMLIMIT, the largest number for none: the runtime's limit
// before anybody changed it.
var goLimit = sync.OnceValue(func() int64 { return debug.SetMemoryLimit(-1) })

// collectAt lets the runtime hold what it has to n bytes, or to GOMEMLIMIT.
func collectAt(n int64) { debug.SetMemoryLimit(min(n, goLimit())) }
