package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Resident is the physical memory of the process and its children, in bytes:
// all of the largest, and of the others what they share with nobody. Workers
// share most of their pages, and these are to count once.
func (p *Process) Resident() (int64, error) {
	var sum int64
	var largest memory
	for i, pid := range treeOf(p.PID) {
		m, err := memoryOf(pid)
		if err != nil {
			if i > 0 {
				continue // a child that has ended meanwhile
			}
			return 0, fmt.Errorf("reading the memory of %q: %w", p.Name, err)
		}
		sum += m.private
		if m.resident > largest.resident {
			largest = m
		}
	}
	return sum - largest.private + largest.resident, nil
}

// memory is that of one process, in bytes.
type memory struct{ resident, private int64 }

func memoryOf(pid int) (memory, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return memory{}, err
	}
	return parseRollup(b)
}

// parseRollup reads /proc/PID/smaps_rollup: a heading, then lines such as
// "Rss:    1672 kB".
func parseRollup(b []byte) (memory, error) {
	var m memory
	for line := range bytes.Lines(b) {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		var to *int64
		switch string(name) {
		case "Rss":
			to = &m.resident
		case "Private_Clean", "Private_Dirty":
			to = &m.private
		default:
			continue
		}
		n, err := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
		if err != nil {
			return memory{}, fmt.Errorf("parsing %q: %w", line, err)
		}
		*to += n << 10
	}
	if m.resident == 0 {
		return memory{}, fmt.Errorf("parsing %q: no resident memory in it", b)
	}
	return m, nil
}
