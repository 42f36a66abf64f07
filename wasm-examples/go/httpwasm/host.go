//go:build wasip1

package main

// This file is the ABI: the functions that the host offers, and how to call them
// from Go.

// The kinds of header fields and of bodies, and a level of the log.
const (
	requestHeaders  = 0
	responseHeaders = 1
	response        = 1
	info            = 0
)

//go:wasmimport http_handler get_config
func hostConfig(buf *byte, limit uint32) uint32

//go:wasmimport http_handler log
func logLine(level int32, text string)

//go:wasmimport http_handler get_header_values
func hostValues(kind uint32, name string, buf *byte, limit uint32) uint64

//go:wasmimport http_handler set_header_value
func set(kind uint32, name, value string)

//go:wasmimport http_handler remove_header
func remove(kind uint32, name string)

//go:wasmimport http_handler get_status_code
func status() uint32

//go:wasmimport http_handler set_status_code
func setStatus(code uint32)

//go:wasmimport http_handler write_body
func write(kind uint32, body string)

// buf is where the host writes to. A guest serves one request at a time.
var buf = make([]byte, 256)

// fill has the host write to buf, which is made larger if it has to be: the
// host then wrote nothing and said how much there is.
func fill(call func(buf *byte, limit uint32) (size uint32)) []byte {
	size := call(&buf[0], uint32(len(buf)))
	if size > uint32(len(buf)) {
		buf = make([]byte, size)
		size = call(&buf[0], size)
	}
	return buf[:size]
}

func config() string {
	return string(fill(hostConfig))
}

// first is the first value of a field, "" where there is none. Each value ends
// with a zero byte.
func first(kind uint32, name string) string {
	values := fill(func(buf *byte, limit uint32) uint32 {
		return uint32(hostValues(kind, name, buf, limit)) // the upper half is how many
	})
	for i, c := range values {
		if c == 0 {
			return string(values[:i])
		}
	}
	return ""
}
