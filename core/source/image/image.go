// Package image finds the WebAssembly module in an OCI image. It reads what
// the tools of Istio, Envoy Gateway and Higress publish, and artifacts of plain
// Wasm:
//
//	one layer of Wasm       ORAS, wasm-to-oci, the "oci" variant of the Wasm
//	                        Image Specification
//	plugin.wasm in the last a container image made from scratch (docker build),
//	layer that has one      the specification's "compat" variant; Higress puts
//	                        its documents into layers before it
//
// What it is given comes from strangers: all is bounded, and what could be
// understood in two ways is refused. It opens nothing and unpacks to nowhere.
//
// Start at [Layers] and [Unpack].
package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// MaxManifest bounds an index or manifest, in bytes.
const MaxManifest = 4 << 20

const (
	maxLayers  = 64 // of a manifest
	maxPlaces  = 64 // of an index
	dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerOne  = "application/vnd.docker.distribution.manifest.v2+json"
)

// wasmLayers are the media types of layers that are a module as it is.
var wasmLayers = []string{
	"application/vnd.module.wasm.content.layer.v1+wasm", // the Wasm Image Specification
	"application/vnd.wasm.content.layer.v1+wasm",        // wasm-to-oci, ORAS
	"application/wasm", // the CNCF's artifact
}

// packedLayers are those of archives.
var packedLayers = []string{
	v1.MediaTypeImageLayerGzip, v1.MediaTypeImageLayer,
	"application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar",
}

// Layer is one that may hold the module.
type Layer struct {
	v1.Descriptor
	Packed bool // in an archive, for [Unpack]; otherwise the layer is the module
}

// document is an index or a manifest. What is both is neither.
type document struct {
	MediaType string          `json:"mediaType"`
	Manifests []v1.Descriptor `json:"manifests"`
	Layers    []v1.Descriptor `json:"layers"`
}

// IsIndex says whether a media type is of an index: a list of manifests.
func IsIndex(mediaType string) bool {
	return mediaType == v1.MediaTypeImageIndex || mediaType == dockerList
}

func parse(mediaType string, data []byte) (d document, err error) {
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("reading the image's manifest: %w", err)
	}
	switch {
	case !slices.Contains([]string{v1.MediaTypeImageIndex, dockerList, v1.MediaTypeImageManifest, dockerOne}, mediaType):
		return d, fmt.Errorf("it is of media type %q, which is no image", mediaType)
	case d.MediaType != "" && d.MediaType != mediaType:
		return d, fmt.Errorf("its manifest says it is %q, the registry that it is %q", d.MediaType, mediaType)
	case d.Manifests != nil && d.Layers != nil:
		return d, errors.New("its manifest has both layers and manifests")
	}
	for _, part := range slices.Concat(d.Manifests, d.Layers) {
		if err := part.Digest.Validate(); err != nil || part.Digest.Algorithm() != "sha256" || part.Size < 0 {
			return d, fmt.Errorf("its manifest has a part of digest %.80q and size %d", part.Digest, part.Size)
		}
	}
	return d, nil
}

// Choose is the manifest of an index to read: that for Wasm, else that for
// linux/amd64 as Istio takes it, else the only one.
func Choose(mediaType string, index []byte) (v1.Descriptor, error) {
	d, err := parse(mediaType, index)
	if err != nil {
		return v1.Descriptor{}, err
	}
	if len(d.Manifests) > maxPlaces {
		return v1.Descriptor{}, fmt.Errorf("its index has %d manifests, more than %d", len(d.Manifests), maxPlaces)
	}
	var wasm, linux, others []v1.Descriptor
	for _, m := range d.Manifests {
		switch p := m.Platform; {
		case p == nil:
			others = append(others, m)
		case strings.HasPrefix(p.Architecture, "wasm") || strings.HasPrefix(p.OS, "wasi"):
			wasm = append(wasm, m)
		case p.OS == "linux" && p.Architecture == "amd64":
			linux = append(linux, m)
		case p.OS != "unknown": // which is what attestations of a build are
			others = append(others, m)
		}
	}
	for _, some := range [][]v1.Descriptor{wasm, linux, others} {
		switch {
		case len(some) > 1:
			return v1.Descriptor{}, fmt.Errorf("its index has %d manifests to choose from; name one by digest", len(some))
		case len(some) == 1 && IsIndex(some[0].MediaType):
			return v1.Descriptor{}, errors.New("its index has an index in it")
		case len(some) == 1:
			return some[0], nil
		}
	}
	return v1.Descriptor{}, errors.New("its index has no manifest of a module")
}

// Layers are the layers to look for a module in, in that order.
func Layers(mediaType string, manifest []byte) ([]Layer, error) {
	d, err := parse(mediaType, manifest)
	if err != nil {
		return nil, err
	}
	if len(d.Layers) > maxLayers {
		return nil, fmt.Errorf("it has %d layers, more than %d", len(d.Layers), maxLayers)
	}
	var plain, packed []Layer
	var types []string
	for _, l := range d.Layers {
		switch {
		case slices.Contains(wasmLayers, l.MediaType):
			plain = append(plain, Layer{Descriptor: l})
		case slices.Contains(packedLayers, l.MediaType):
			packed = append(packed, Layer{Descriptor: l, Packed: true})
		}
		types = append(types, fmt.Sprintf("%.80q", l.MediaType))
	}
	switch {
	case len(plain) > 1:
		return nil, fmt.Errorf("it has %d layers of Wasm, want one", len(plain))
	case len(plain) == 1:
		return plain, nil
	case len(packed) == 0:
		return nil, fmt.Errorf("none of its layers holds a module; they are [%s]", strings.Join(types, ", "))
	}
	slices.Reverse(packed) // a later layer's file stands over an earlier one's
	return packed, nil
}
