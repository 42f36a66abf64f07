// Package contract is what Weir and its providers say to each other: protocol
// buffers over gRPC. The .proto files are the contract, in any language; a
// contract of another kind is another file.
//
// The Go code is made of them by "go generate", with tools that are pinned in
// internal/generate, a module of its own.
//
// Start at discovery.proto.
package contract

import "github.com/hashicorp/go-plugin"

//go:generate go -C internal/generate run . ../../../../.. core/provider/contract

// Handshake tells a provider that it was started by Weir, and by which version
// of this contract. It is no secret.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "WEIR_PROVIDER",
	MagicCookieValue: "weir.provider.v1",
}

// Name is what go-plugin calls the one thing that a provider's process has.
const Name = "provider"

// The names of the contracts that a provider can have.
const (
	Discovers = "Discovery" // discovery.proto
	Stores    = "Store"     // store.proto
)
