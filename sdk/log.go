package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// Level is a log level.
type Level uint32

// The levels. Values are the ABI's.
const (
	LevelTrace Level = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelCritical
)

// Log writes one line, put together from parts. The host adds which filter
// and stream it comes from, and drops levels it does not write.
func Log(level Level, parts ...string) {
	if len(parts) == 1 {
		abi.Log(uint32(level), parts[0])
		return
	}
	scratch = scratch[:0]
	for _, p := range parts {
		scratch = append(scratch, p...)
	}
	abi.Log(uint32(level), View(scratch))
}

// Debug is Log at debug level.
func Debug(parts ...string) { Log(LevelDebug, parts...) }

// Info is Log at info level.
func Info(parts ...string) { Log(LevelInfo, parts...) }

// Warn is Log at warn level.
func Warn(parts ...string) { Log(LevelWarn, parts...) }

// Error is Log at error level.
func Error(parts ...string) { Log(LevelError, parts...) }

// LogEnabled says whether the host writes level: ask before putting an
// expensive line together.
func LogEnabled(level Level) bool {
	lowest, s := abi.LogLevel()
	return s != abi.OK || uint32(level) >= lowest
}
