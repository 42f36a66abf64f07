package proxywasm

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/abi/guestlog"
)

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
		i.cries = append(i.cries, guestlog.Clean(line))
	}
	if !log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 5)
	if ri != nil {
		ok, dropped := ri.root.log.Take(i.vm.host.Clock.Now())
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
	log.LogAttrs(context.Background(), level, guestlog.Clean(line), attrs...)
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
	ri.tail = append(ri.tail, guestlog.Clean(line))
}

// quoted is a guest's text in quotes.
func quoted(b []byte) string { return strconv.Quote(guestlog.Clean(b)) }
