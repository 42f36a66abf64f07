package observe

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// NewLogger is the process's own log. level is "debug", "info", "warn" or
// "error", "" for info, and can be moved later through the LevelVar. format is
// "text" or "json"; with "" a terminal gets text, anything else JSON.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, *slog.LevelVar, error) {
	lowest := new(slog.LevelVar)
	switch strings.ToLower(level) {
	case "debug":
		lowest.Set(slog.LevelDebug)
	case "", "info":
	case "warn":
		lowest.Set(slog.LevelWarn)
	case "error":
		lowest.Set(slog.LevelError)
	default:
		return nil, nil, fmt.Errorf("setting up log: level %q is none of debug, info, warn, error", level)
	}
	text := isTerminal(w)
	switch format {
	case "":
	case "text":
		text = true
	case "json":
		text = false
	default:
		return nil, nil, fmt.Errorf("setting up log: format %q is neither text nor json", format)
	}
	if text {
		return slog.New(newConsole(w, lowest)), lowest, nil
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: lowest, ReplaceAttr: withUnit})), lowest, nil
}

// withUnit writes durations as people do, not as nanoseconds.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	err = conn.Control(func(fd uintptr) {
		_, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		terminal = err == nil
	})
	return err == nil && terminal
}
