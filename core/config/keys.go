package config

import (
	"slices"

	"github.com/weirproxy/weir/core/wasm/signature"
)

// PublicKey is an Ed25519 key that modules may be signed by.
type PublicKey struct {
	// Name in signed_by and in messages.
	Name string `toml:"name" check:"is=name"`
	// Path of its PEM file, relative to this file. Either this or key.
	File string `toml:"file"`
	// The key itself, as PEM or as the base64 in it. Either this or file.
	Key string `toml:"key" check:"is=publickey"`
}

// publicKeyWrong: a key that can be read.
func publicKeyWrong(s string) string {
	if _, err := signature.ParsePublicKey([]byte(s)); err != nil {
		return err.Error()
	}
	return ""
}

func (c *Config) hasKey(name string) bool {
	return slices.ContainsFunc(c.Wasm.Keys, func(k PublicKey) bool { return k.Name == name })
}

// checkKeys finds keys without a name or twice, and what would look as if
// modules were checked when none is.
func (c *Config) checkKeys(r *report) {
	for i, k := range c.Wasm.Keys {
		key := element(keysTable, i)
		switch {
		case k.Name == "":
			r.add(within(key, "name"), "missing; name the key, for signed_by and for messages")
		case slices.ContainsFunc(c.Wasm.Keys[:i], func(o PublicKey) bool { return o.Name == k.Name }):
			r.add(within(key, "name"), "%q is there twice", k.Name)
		}
		switch {
		case k.File == "" && k.Key == "":
			r.add(within(key, "file"), "missing, and key too; name a public key's PEM file")
		case k.File != "" && k.Key != "":
			r.add(within(key, "key"), "is given beside file; leave one out")
		}
	}
	switch {
	case len(c.Wasm.Keys) == 0 && c.Wasm.RequireSignature:
		r.add("wasm.require_signature", "is true, but there are no keys; give wasm.keys the public keys that modules are signed by")
	case len(c.Wasm.Keys) > 0 && !c.signsAny():
		r.add(keysTable, "are given, but nothing asks for a signature; set wasm.require_signature = true, or signed_by of a filter")
	}
}

// signsAny says whether any module must be signed.
func (c *Config) signsAny() bool {
	if c.Wasm.RequireSignature {
		return true
	}
	for _, f := range c.Filters {
		if c.Wasm.Signed(&f) {
			return true
		}
	}
	return false
}

// checkSigned finds a filter whose module cannot be checked as its table asks.
func (c *Config) checkSigned(r *report, f Filter, key string) {
	for name, given := range map[string]bool{"signature": f.Signature != "", "signed_by": f.SignedBy != nil} {
		switch {
		case !given:
		case f.Use != "":
			r.add(within(key, name), "is given, but a built-in filter is part of this binary; leave it out")
		case len(c.Wasm.Keys) == 0:
			r.add(within(key, name), "is given, but there are no keys; give wasm.keys the public keys that modules are signed by")
		}
	}
	if f.SignedBy != nil && len(f.SignedBy) == 0 {
		r.add(within(key, "signed_by"), "is empty; leave it out for any of wasm.keys")
	}
	if len(c.Wasm.Keys) > 0 {
		c.checkNames(r, f.SignedBy, within(key, "signed_by"), keysTable, c.hasKey)
	}
}
