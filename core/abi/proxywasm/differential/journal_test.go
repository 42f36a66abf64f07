package differential_test

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// journal is what happened in one proxy, by who saw it. It is written by the
// readers of logs and by origins, and waited for.
type journal struct {
	mu     sync.Mutex
	lines  map[string][]string
	change chan struct{} // closed when a line has come
}

func newJournal() *journal {
	return &journal{lines: map[string][]string{}, change: make(chan struct{})}
}

func (j *journal) add(who string, lines ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines[who] = append(j.lines[who], lines...)
	close(j.change)
	j.change = make(chan struct{})
}

// of is all that one saw so far.
func (j *journal) of(who string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines[who])
}

// forget drops what one saw.
func (j *journal) forget(who string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.lines, who)
}

// await waits until one has seen n lines that hold a text, and says whether it
// has.
func (j *journal) await(who, text string, n int) bool {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		j.mu.Lock()
		found := 0
		for _, l := range j.lines[who] {
			if strings.Contains(l, text) {
				found++
			}
		}
		change := j.change
		j.mu.Unlock()
		if found >= n {
			return true
		}
		select {
		case <-change:
		case <-timeout.C:
			return false
		}
	}
}
