// Package config is proxy.toml as plain data. [Load] reads the file strictly,
// fills in the defaults of the role, and names every problem of the file at
// once, each with its line and what to do about it.
//
// The file is parsed into plain tables first and laid over the defaults by a
// decoder of our own: the TOML library's stops at the first value that does
// not fit, and an operator should not have to fix a file one line a run.
// What a key may hold stands in its field's check tag, which both [Config.Validate]
// and the JSON Schema (proxy.schema.json) are made from.
//
// Start at [Config] and [Load].
package config

//go:generate go run ./schema
