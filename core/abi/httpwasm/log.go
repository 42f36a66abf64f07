package httpwasm

import (
	"context"
	"errors"
	"log/slog"

	"github.com/weirproxy/weir/core/abi/guestlog"
	"github.com/weirproxy/weir/core/wasm"
)

// levels are the ABI's, from -1 on; 3 and all others are none.
var levels = [...]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}

// level is that of an argument.
func level(a uint64) (slog.Level, bool) {
	n := int64(int32(uint32(a))) + 1
	if n < 0 || n >= int64(len(levels)) {
		return 0, false
	}
	return levels[n], true
}

// logEnabled is log_enabled(level).
func (i *instance) logEnabled(a []uint64) uint64 {
	if l, ok := level(a[0]); ok && i.filter.host.Log.Enabled(context.Background(), l) {
		return 1
	}
	return 0
}

// lineUnits is what writing a line costs its guest beside its bytes.
const lineUnits = 1000

// logLine is log(level, text, size). It never traps: a text that is not there is
// not logged.
func (i *instance) logLine(a []uint64) uint64 {
	if l, ok := level(a[0]); ok {
		if text, ok := i.in.Read(uint32(a[1]), uint32(a[2])); ok {
			i.in.Charge(lineUnits)
			i.charge(len(text))
			i.writeLog(l, text)
		}
	}
	return 0
}

// writeLog writes a line, within what the filter may write.
func (i *instance) writeLog(l slog.Level, line []byte) {
	f := i.filter
	if !f.host.Log.Enabled(context.Background(), l) {
		return
	}
	ok, dropped := f.log.Take(f.host.Clock.Now())
	if !ok {
		return
	}
	attrs := i.attrs()
	if dropped > 0 {
		attrs = append(attrs, slog.Uint64("dropped", dropped))
	}
	f.host.Log.LogAttrs(context.Background(), l, guestlog.Clean(line), attrs...)
}

// attrs say who writes.
func (i *instance) attrs() []slog.Attr {
	attrs := append(make([]slog.Attr, 0, 4), slog.String("filter", i.filter.spec.Name), slog.Int("instance", i.in.Lane().Index()))
	if i.part != nil {
		attrs = append(attrs, slog.Uint64("stream", i.part.stream.Info().ID))
	}
	return attrs
}

// output takes a line that the guest wrote to stdout (1) or stderr (2).
func (f *Filter) output(in *wasm.Instance, stream int, line []byte) {
	l := slog.LevelInfo
	if stream == 2 {
		l = slog.LevelError
	}
	f.instance(in).writeLog(l, line)
}

// logLost says that an instance died, and why.
func (f *Filter) logLost(i *instance, cause error) {
	f.host.Log.LogAttrs(context.Background(), slog.LevelError, "a filter failed; its instance is replaced",
		append(i.attrs(), slog.Any("error", cause))...)
}

// refused counts a stream that got no instance, and says so now and then.
func (f *Filter) refused(err error) {
	f.unavailable.Add(1)
	if !errors.Is(err, wasm.ErrExhausted) {
		return
	}
	if ok, before := f.cries.Take(f.host.Clock.Now()); ok {
		f.host.Log.Warn("a filter has no instance left: each serves one request at a time; raise the filter's instances",
			"filter", f.spec.Name, "instances", f.spec.Instances, "requests_before", before)
	}
}
