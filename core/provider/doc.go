// Package provider runs providers: processes beside the proxy that know the
// outside world, such as a registry of services. They are started, watched,
// bounded and started again here, and what they say is checked; no request ever
// waits for one. When one dies, freezes, floods or lies, what it said last
// stays in use.
//
// What is said is in contract; kit is what providers are written with.
//
// Start at [Provider].
package provider

import (
	"log/slog"
	"time"
)

// Options make a provider.
type Options struct {
	Name    string
	Command []string          // program and arguments; a program without a slash is looked up in PATH
	SHA256  string            // what the program must have, in hex; "": any
	Env     map[string]string // all of the environment that it gets
	Config  []byte            // what it is given once it runs; nil for nothing
	Serves  []string          // contracts that it must have, by their names; default Discovery

	Start time.Duration // longest from its start to its being configured
	Call  time.Duration // longest answer of a call, also of the question whether it lives
	Ping  time.Duration // from one such question to the next

	Log *slog.Logger
}

// The bounds of what a provider may send.
const (
	maxMessage   = 4 << 20 // bytes
	maxEndpoints = 10000   // of a snapshot
	maxMetadata  = 64      // pairs of an endpoint
	maxMetaBytes = 4 << 10 // of an endpoint's metadata
	maxAddress   = 262     // bytes: the longest name, and a port
	maxService   = 255     // bytes of a service's name
	maxIdentity  = 2048    // bytes of a SPIFFE ID, by its specification
	maxWeight    = 1000000
)
