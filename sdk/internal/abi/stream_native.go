//go:build !wasm

package abi

// Reply asks the current host.
func Reply(status uint32, details, body string, headers []byte, grpc int32) Status {
	return Current.Reply(status, details, body, headers, grpc)
}

// Continue asks the current host.
func Continue(d Direction) Status {
	return Current.Continue(d)
}

// CloseStream asks the current host.
func CloseStream(d Direction) Status {
	return Current.CloseStream(d)
}

// SetEffective asks the current host.
func SetEffective(id uint32) Status {
	return Current.SetEffective(id)
}

// Done asks the current host.
func Done() Status {
	return Current.Done()
}
