package proxywasm

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// maxLine bounds one line of a guest's log, in bytes.
const maxLine = 4 << 10

// The levels of the ABI above and below slog's.
const (
	levelTrace    = slog.LevelDebug - 4
	levelCritical = slog.LevelError + 4
	levelHost     = slog.LevelWarn // of what the host says about a guest
)

var logLevels = [...]slog.Level{levelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, levelCritical}

// logLine is proxy_log(level, text, size).
func (i *instance) logLine(a []uint64) status {
	if uint64(uint32(a[0])) >= uint64(len(logLevels)) {
		return statusBadArgument
	}
	b, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	i.in.Charge(lineUnits)
	i.writeLog(logLevels[uint32(a[0])], b)
	return statusOK
}

// getLogLevel is proxy_get_log_level(&level): the lowest that is written.
func (i *instance) getLogLevel(a []uint64) status {
	for n, l := range logLevels {
		if i.vm.host.Log.Enabled(context.Background(), l) {
			return i.number(a[0], uint32(n))
		}
	}
	return i.number(a[0], uint32(len(logLevels)-1))
}

// lineUnits is what writing a line costs its guest beside its bytes.
const lineUnits = 1000

// writeLog writes a line for the effective context, within what its root may
// write.
func (i *instance) writeLog(level slog.Level, line []byte) {
	log := i.vm.host.Log
	ri := i.frame.at.root
	if ri != nil && ri.tail != nil {
		ri.remember(line)
	}
	if level >= slog.LevelError && len(i.cries) < maxCries {
		i.cries = append(i.cries, clean(line))
	}
	if !log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 5)
	if ri != nil {
		ok, dropped := ri.root.log.take(i.vm.host.Clock.Now())
		if !ok {
			return
		}
		attrs = append(attrs, slog.String("filter", ri.root.spec.Name))
		if dropped > 0 {
			attrs = append(attrs, slog.Uint64("dropped", dropped))
		}
	} else {
		attrs = append(attrs, slog.String("vm", i.vm.id))
	}
	attrs = append(attrs, slog.Int("instance", i.lane))
	if s := i.stream(); s != nil {
		attrs = append(attrs, slog.Uint64("stream", s.Info().ID))
	}
	log.LogAttrs(context.Background(), level, clean(line), attrs...)
}

// maxCries is how many error lines of a callback are kept for the line about
// its end: a panic's text comes first, its stack behind it.
const maxCries = 3

// logLost says that the instance died, in which filter's callback and why.
func (i *instance) logLost(t target, cause error) {
	name := i.vm.id
	if t.root != nil {
		name = t.root.root.spec.Name
	}
	attrs := []slog.Attr{slog.String("filter", name), slog.Int("instance", i.lane), slog.Any("error", cause)}
	if t.part != nil {
		attrs = append(attrs, slog.Uint64("stream", t.part.stream.Info().ID))
	}
	if len(i.cries) > 0 { // also where the filter's log is full
		attrs = append(attrs, slog.String("said", strings.Join(i.cries, " | ")))
	}
	i.vm.host.Log.LogAttrs(context.Background(), slog.LevelError, "a filter failed; its instance is replaced", attrs...)
}

// remember keeps a line for the error that a refused start becomes.
func (ri *rootInstance) remember(line []byte) {
	if len(ri.tail) == tailLines {
		copy(ri.tail, ri.tail[1:])
		ri.tail = ri.tail[:tailLines-1]
	}
	ri.tail = append(ri.tail, clean(line))
}

// clean is a guest's text for logs: of bounded length, and nothing in it forges
// or garbles a line.
func clean(b []byte) string {
	cut := len(b) > maxLine
	if cut {
		b = b[:maxLine]
	}
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	out := wasm.AppendPrintable(make([]byte, 0, len(b)+3), b)
	if cut {
		out = append(out, "…"...)
	}
	return string(out)
}

// quoted is a guest's text in quotes.
func quoted(b []byte) string { return strconv.Quote(clean(b)) }

// logLimit bounds the lines of a root, in all instances, per second.
type logLimit struct {
	max int

	mu      sync.Mutex
	second  int64
	written int
	dropped uint64 // since a line said so
	total   uint64
}

func (l *logLimit) init(max int) { l.max = max }

// take asks for one line. The first that is let through after others were not
// gets their number.
func (l *logLimit) take(now time.Time) (ok bool, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := now.Unix(); s != l.second {
		l.second, l.written = s, 0
	}
	if l.written >= l.max {
		l.dropped++
		l.total++
		return false, 0
	}
	l.written++
	dropped, l.dropped = l.dropped, 0
	return true, dropped
}

// droppedLines is how many lines were not written so far.
func (l *logLimit) droppedLines() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}
