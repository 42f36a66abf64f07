//go:build !unix

package config

// fileLimit is the number of files the process may have open. Systems without
// a limit to ask for get the default connections in full.
func fileLimit() int { return 2 * maxConnections }
