package wasi

import "strings"

// Need is what a function finds in this host that its name does not say, ""
// for nothing. It is false for one that WASI does not have.
func Need(name string) (need string, known bool) {
	if _, known = table[name]; !known {
		return "", false
	}
	switch name {
	case "environ_get", "environ_sizes_get":
		return "shows the filter's env and nothing else", true
	case "args_get", "args_sizes_get":
		return "there are no arguments", true
	case "fd_write":
		return "standard output and error are the log, at most wasm.log_lines a second", true
	case "proc_exit":
		return "ends the instance", true
	case "poll_oneoff":
		return "does not sleep", true
	case "fd_close", "fd_seek", "fd_fdstat_get":
		return "", true // of the standard streams
	}
	if strings.HasPrefix(name, "fd_") || strings.HasPrefix(name, "path_") || strings.HasPrefix(name, "sock_") {
		return "answers an error: a guest has no files and no sockets", true
	}
	return "", true
}
