package file

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/weirproxy/weir/core/discovery"
)

// settleTime is how long a file must be as it is before it is taken: who writes in
// several steps may leave half a list in between that looks whole.
const settleTime = 100 * time.Millisecond

// patience is how often that is waited for: some files never settle.
const patience = 20

// look is one file that is looked at.
type look struct {
	source *Source
	path   string
	to     func([]discovery.Endpoint)
	soon   chan struct{} // it may have changed
	taken  []byte        // the content that was read last, whatever it was worth

	trouble error // guarded by source.mu
}

func (l *look) run(ctx context.Context) {
	t := time.NewTicker(l.source.every)
	defer t.Stop()
	l.take(l.read())
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.soon:
		case <-t.C:
		}
		data, err := l.read()
		for tries := 0; l.differs(data, err); tries++ {
			before := data
			if !pause(ctx) {
				return
			}
			if data, err = l.read(); err != nil || bytes.Equal(data, before) || tries > patience {
				l.take(data, err)
			}
		}
	}
}

// pause waits until a file may have settled.
func pause(ctx context.Context) bool {
	t := time.NewTimer(settleTime)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// read is the file's content, up to one byte more than is taken.
func (l *look) read() ([]byte, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", l.path)
	}
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// differs says whether the file is another than was taken.
func (l *look) differs(data []byte, err error) bool {
	if err != nil {
		return l.told() == nil || l.told().Error() != l.why(err).Error()
	}
	return !bytes.Equal(data, l.taken) || l.taken == nil
}

// take makes use of what was read.
func (l *look) take(data []byte, err error) {
	var list []discovery.Endpoint
	l.taken = data
	if err == nil {
		list, err = Parse(l.path, data)
	}
	if err != nil {
		l.tell(l.why(err))
		l.source.log.Error("a file of endpoints is not taken; what was known stays in use", "file", l.path, "err", err)
		return
	}
	l.tell(nil)
	l.to(list)
}

func (l *look) why(err error) error { return fmt.Errorf("reading endpoints: %w", err) }

func (l *look) told() error {
	l.source.mu.Lock()
	defer l.source.mu.Unlock()
	return l.trouble
}

func (l *look) tell(err error) {
	l.source.mu.Lock()
	defer l.source.mu.Unlock()
	l.trouble = err
}

// in says whether a change in a folder may be one of the file: it lies there, or
// what it links to.
func (l *look) in(folder string) bool {
	for _, f := range folders(l.path) {
		if f == folder {
			return true
		}
	}
	return false
}

// folders are where a file is: also the one that a link leads to.
func folders(path string) []string {
	all := []string{filepath.Dir(path)}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		all = append(all, filepath.Dir(real))
	}
	return all
}
