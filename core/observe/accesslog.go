package observe

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// AccessLogOptions say where lines go. Zero fields mean the defaults.
type AccessLogOptions struct {
	Path   string        // a file's, or "stdout"
	Out    io.Writer     // instead of Path, which Reopen then does not look at
	Buffer int           // bytes that may wait to be written; default 1 MiB
	Flush  time.Duration // lines wait no longer than that; default 250ms
	Log    *slog.Logger  // for what goes wrong with writing; default slog.Default
}

// AccessLog writes one JSON object a line for each stream.
//
// Lines collect in a buffer that streams append to under a short lock; one
// goroutine swaps it for an empty one and writes. It wakes up by the clock or
// when the buffer is half full, not for each line: waking a goroutine costs
// more than the line.
type AccessLog struct {
	o       AccessLogOptions
	dropped atomic.Uint64
	lost    atomic.Uint64 // lines handed to a write that failed

	mu     sync.Mutex
	buffer []byte // guarded by mu
	count  uint64 // lines in it; guarded by mu
	closed bool   // guarded by mu

	half   chan struct{} // the buffer is half full
	reopen chan chan error
	end    chan struct{}
	ended  chan struct{}
	closes sync.Once
	err    error // of the last close; read after ended

	out     io.Writer // the writer goroutine's, as is all below
	file    *os.File  // out, if it is ours to close
	spare   []byte
	failing bool
}

// OpenAccessLog begins to write. Close ends that.
func OpenAccessLog(o AccessLogOptions) (*AccessLog, error) {
	if o.Buffer <= 0 {
		o.Buffer = 1 << 20
	}
	if o.Flush <= 0 {
		o.Flush = 250 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	a := &AccessLog{
		o:      o,
		half:   make(chan struct{}, 1),
		reopen: make(chan chan error),
		end:    make(chan struct{}),
		ended:  make(chan struct{}),
	}
	if err := a.open(); err != nil {
		return nil, err
	}
	go a.run()
	return a, nil
}

// Write adds the line of a stream. It never waits for the file: a line that
// finds the buffer full is dropped and counted.
func (a *AccessLog) Write(e *Entry) {
	l := lines.Get().(*line)
	l.build(e)
	a.mu.Lock()
	waiting := len(a.buffer)
	switch {
	case a.closed, waiting+len(l.b) > a.o.Buffer:
		a.dropped.Add(1)
	default:
		a.buffer = append(a.buffer, l.b...)
		a.count++
	}
	wake := waiting < a.o.Buffer/2 && len(a.buffer) >= a.o.Buffer/2
	a.mu.Unlock()
	l.free()
	if wake {
		select {
		case a.half <- struct{}{}:
		default:
		}
	}
}

// Dropped is the number of lines that found no room, or came after Close.
func (a *AccessLog) Dropped() uint64 { return a.dropped.Load() }

// Lost is the number of lines that could not be written.
func (a *AccessLog) Lost() uint64 { return a.lost.Load() }

// Reopen writes out what waits and opens the file anew: after it was moved
// away, lines go to a new one of its name. When that fails the old one stays.
func (a *AccessLog) Reopen() error {
	done := make(chan error, 1)
	select {
	case a.reopen <- done:
		return <-done
	case <-a.ended:
		return fmt.Errorf("reopening access log: it is closed")
	}
}

// Close writes out what waits and ends the log. Later lines are dropped.
func (a *AccessLog) Close() error {
	a.closes.Do(func() { close(a.end) })
	<-a.ended
	return a.err
}

func (a *AccessLog) open() error {
	switch {
	case a.o.Out != nil:
		a.out = a.o.Out
	case a.o.Path == "stdout":
		a.out = os.Stdout
	default:
		f, err := os.OpenFile(a.o.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
		if err != nil {
			return fmt.Errorf("opening access log: %w", err)
		}
		if a.file != nil {
			a.file.Close() // all of it is written, and nothing could be done
		}
		a.out, a.file = f, f
	}
	return nil
}

func (a *AccessLog) run() {
	defer close(a.ended)
	tick := time.NewTicker(a.o.Flush)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.flush(false)
		case <-a.half:
			a.flush(false)
		case done := <-a.reopen:
			a.flush(false)
			done <- a.open()
		case <-a.end:
			a.flush(true)
			if a.file != nil {
				if err := a.file.Close(); err != nil {
					a.err = fmt.Errorf("closing access log: %w", err)
				}
			}
			return
		}
	}
}

// flush writes what has collected. last closes the buffer as well.
func (a *AccessLog) flush(last bool) {
	a.mu.Lock()
	full, count := a.buffer, a.count
	a.buffer, a.count = a.spare[:0], 0
	a.closed = last
	a.mu.Unlock()
	a.spare = full
	if len(full) == 0 {
		return
	}
	if _, err := a.out.Write(full); err != nil {
		a.lost.Add(count)
		if !a.failing { // once, not for every flush while a disk is full
			a.o.Log.Error("writing access log", "error", err, "lines", count)
		}
		a.failing = true
		return
	}
	if a.failing {
		a.o.Log.Info("writing access log works again", "lines_lost", a.lost.Load())
	}
	a.failing = false
}
