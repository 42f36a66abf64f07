//go:build !wasm

package abi

// PropertyGet asks the current host.
func PropertyGet(path string) ([]byte, Status) {
	return Current.PropertyGet(path)
}

// PropertySet asks the current host.
func PropertySet(path, value string) Status {
	return Current.PropertySet(path, value)
}

// Log asks the current host.
func Log(level uint32, text string) Status {
	return Current.Log(level, text)
}

// LogLevel asks the current host.
func LogLevel() (uint32, Status) {
	return Current.LogLevel()
}

// Now asks the current host.
func Now() int64 {
	return Current.Now()
}

// SetTick asks the current host.
func SetTick(milliseconds uint32) Status {
	return Current.SetTick(milliseconds)
}
