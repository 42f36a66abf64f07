// Package ref reads what "module" of a filter names: a file, a URL or an image
// in a registry. The configuration checks with it, and what loads modules goes
// by it, so both read the same.
//
// Start at [Parse].
package ref

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry"
)

// Kind is where a module comes from.
type Kind uint8

// The kinds.
const (
	File Kind = iota
	HTTP      // https://, or http:// of this machine
	OCI
)

// Ref names a module.
type Ref struct {
	Kind Kind
	Path string   // of a File
	URL  *url.URL // of HTTP

	// Of OCI. Either Tag or Digest is given.
	Registry, Repository string
	Tag, Digest          string // Digest is "sha256:…", of the manifest
}

// Parse reads a reference. Whatever has no scheme is a path.
func Parse(s string) (Ref, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return Ref{Path: s}, nil
	}
	switch scheme {
	case "https", "http":
		return parseURL(s)
	case "oci":
		return parseImage(rest)
	}
	return Ref{}, fmt.Errorf("%q has an unknown scheme; there are https:// and oci://, and a file's path has none", s)
}

func parseURL(s string) (Ref, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return Ref{}, errors.New("is no URL that can be read; write it like \"https://host/path.wasm\"") // the URL may hold a secret
	case u.User != nil:
		return Ref{}, errors.New("has a user or a password in its URL, which logs would show; take it out")
	case u.Hostname() == "":
		return Ref{}, fmt.Errorf("%q has no host", s)
	case u.Fragment != "":
		return Ref{}, fmt.Errorf("%q has a fragment, which no server is told; take it out", s)
	case u.Scheme == "http" && !Loopback(u.Host):
		return Ref{}, fmt.Errorf("%q is not encrypted, and its host is not this machine; did you mean \"https://%s\"?", s, strings.TrimPrefix(s, "http://"))
	}
	return Ref{Kind: HTTP, URL: u}, nil
}

func parseImage(s string) (Ref, error) {
	r, err := registry.ParseReference(s)
	if err != nil {
		return Ref{}, fmt.Errorf("\"oci://%s\" is no image; write it like \"oci://registry.example/filters/house:1.2\"", s)
	}
	ref := Ref{Kind: OCI, Registry: r.Registry, Repository: r.Repository}
	switch _, err := r.Digest(); {
	case r.Reference == "":
		return Ref{}, fmt.Errorf("\"oci://%s\" has neither tag nor digest; did you mean \"oci://%s:latest\"?", s, s)
	case err != nil:
		ref.Tag = r.Reference
	case !strings.HasPrefix(r.Reference, digest.SHA256.String()+":"):
		return Ref{}, fmt.Errorf("\"oci://%s\" has a digest that is not sha256", s)
	default:
		ref.Digest = r.Reference
	}
	return ref, nil
}

// String is the reference as logs show it: without a URL's query, which may
// hold a signature.
func (r Ref) String() string {
	switch r.Kind {
	case HTTP:
		u := *r.URL
		u.RawQuery, u.ForceQuery = "", false
		return u.String()
	case OCI:
		return "oci://" + r.Image()
	}
	return r.Path
}

// Image is registry, repository, and tag or digest.
func (r Ref) Image() string {
	if r.Digest != "" {
		return r.Registry + "/" + r.Repository + "@" + r.Digest
	}
	return r.Registry + "/" + r.Repository + ":" + r.Tag
}

// Loopback says whether a host, with or without port, is this machine.
func Loopback(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Unmap().IsLoopback()
	}
	return strings.EqualFold(name, "localhost")
}
