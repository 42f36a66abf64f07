package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of CPU times in /proc: Linux gives them to programs in
// hundredths of a second, whatever the kernel's own clock.
const tick = 10 * time.Millisecond

// Usage is the CPU time that a tree of processes has used since it began.
type Usage struct {
	User, System time.Duration
}

// Sub is what was used since an earlier reading.
func (u Usage) Sub(before Usage) Usage {
	return Usage{User: u.User - before.User, System: u.System - before.System}
}

// CPU reads the time used by the process and its children that run.
func (p *Process) CPU() (Usage, error) {
	var sum Usage
	for i, pid := range treeOf(p.PID) {
		s, err := readStat(pid)
		if err != nil {
			if i > 0 {
				continue // a child that has ended meanwhile
			}
			return Usage{}, fmt.Errorf("reading the CPU time of %q: %w", p.Name, err)
		}
		sum.User += s.user
		sum.System += s.system
	}
	return sum, nil
}

// stat is what we need of /proc/PID/stat.
type stat struct {
	parent       int
	user, system time.Duration
}

func readStat(pid int) (stat, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, err
	}
	return parseStat(b)
}

// parseStat reads a line of /proc/PID/stat. The second field is the command's
// name in brackets, which may itself hold blanks and brackets.
func parseStat(line []byte) (stat, error) {
	end := bytes.LastIndexByte(line, ')')
	if end < 0 {
		return stat{}, fmt.Errorf("parsing %q: no command name in brackets", line)
	}
	f := bytes.Fields(line[end+1:])
	const parent, user, system = 4 - 3, 14 - 3, 15 - 3 // fields count from 1, these start at the third
	if len(f) <= system {
		return stat{}, fmt.Errorf("parsing %q: %d fields after the name, want more than %d", line, len(f), system)
	}
	var s stat
	for _, field := range []struct {
		at  int
		set func(int64)
	}{
		{parent, func(n int64) { s.parent = int(n) }},
		{user, func(n int64) { s.user = time.Duration(n) * tick }},
		{system, func(n int64) { s.system = time.Duration(n) * tick }},
	} {
		n, err := strconv.ParseInt(string(f[field.at]), 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("parsing %q: %w", line, err)
		}
		field.set(n)
	}
	return s, nil
}
