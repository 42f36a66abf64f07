package sourcetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"testing"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Media types of manifests.
const (
	Docker     = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
	OCI        = v1.MediaTypeImageManifest
	OCIIndex   = v1.MediaTypeImageIndex
)

// Layer is a layer of an image that a test makes.
type Layer struct {
	MediaType string
	Content   []byte
}

// Of is an image of layers, with a config of that media type.
func Of(t testing.TB, manifestType, configType string, layers ...Layer) Image {
	t.Helper()
	config := []byte("{}")
	m := map[string]any{"schemaVersion": 2, "mediaType": manifestType, "config": Describe(configType, config)}
	image := Image{Blobs: [][]byte{config}}
	described := []v1.Descriptor{}
	for _, l := range layers {
		described = append(described, Describe(l.MediaType, l.Content))
		image.Blobs = append(image.Blobs, l.Content)
	}
	m["layers"] = described
	image.Manifests = []Manifest{{manifestType, JSON(t, m)}}
	return image
}

// Layouts are the images that tools publish of a module, by what makes them.
func Layouts(t testing.TB, module []byte) map[string]Image {
	t.Helper()
	gzipped := Archive(t, File("plugin.wasm", module))
	dockerLayer := Layer{"application/vnd.docker.image.rootfs.diff.tar.gzip", gzipped}
	ociLayer := Layer{v1.MediaTypeImageLayerGzip, gzipped}
	dockerConfig, ociConfig := "application/vnd.docker.container.image.v1+json", v1.MediaTypeImageConfig
	return map[string]Image{
		// A Dockerfile from scratch, as Istio's and Envoy Gateway's documents have it.
		"docker build": Of(t, Docker, dockerConfig, dockerLayer),
		"docker build of two layers": Of(t, Docker, dockerConfig,
			Layer{dockerLayer.MediaType, Archive(t, File("runtime-config.json", []byte("{}")))}, dockerLayer),
		"buildah":               Of(t, OCI, ociConfig, ociLayer),
		"a layer after it":      Of(t, OCI, ociConfig, ociLayer, Layer{ociLayer.MediaType, Archive(t, File("LICENSE", []byte("x")))}),
		"an uncompressed layer": Of(t, OCI, ociConfig, Layer{v1.MediaTypeImageLayer, PlainArchive(t, File("./plugin.wasm", module))}),
		// The "oci" variant of the Wasm Image Specification.
		"wasme": Of(t, OCI, "application/vnd.module.wasm.config.v1+json",
			Layer{"application/vnd.module.wasm.config.v1+json", []byte(`{"type":"envoy_proxy"}`)},
			Layer{"application/vnd.module.wasm.content.layer.v1+wasm", module}),
		"wasm-to-oci": Of(t, OCI, "application/vnd.wasm.config.v1+json", Layer{"application/vnd.wasm.content.layer.v1+wasm", module}),
		"oras":        Of(t, OCI, v1.MediaTypeEmptyJSON, Layer{"application/wasm", module}),
		"higress": Of(t, OCI, v1.MediaTypeEmptyJSON,
			Layer{"application/vnd.module.wasm.spec.v1+yaml", []byte("apiVersion: 1.0.0\n")},
			Layer{"application/vnd.module.wasm.doc.v1+markdown", []byte("# A filter\n")},
			Layer{"application/vnd.module.wasm.doc.v1.zh+markdown", []byte("# 插件\n")},
			Layer{"application/vnd.module.wasm.icon.v1+png", []byte("\x89PNG")},
			ociLayer),
		"docker buildx":       attested(t, OCIIndex, "linux", "amd64", Of(t, OCI, ociConfig, ociLayer)),
		"buildx for wasi":     attested(t, OCIIndex, "wasip1", "wasm", Of(t, OCI, ociConfig, ociLayer)),
		"a docker list":       attested(t, DockerList, "linux", "amd64", Of(t, Docker, dockerConfig, dockerLayer)),
		"another machine":     attested(t, OCIIndex, "linux", "arm64", Of(t, OCI, ociConfig, ociLayer)),
		"no machine is named": attested(t, OCIIndex, "", "", Of(t, OCI, ociConfig, ociLayer)),
	}
}

// attested is an index of an image and of what its build attests.
func attested(t testing.TB, index, os, arch string, i Image) Image {
	t.Helper()
	attestation := Of(t, OCI, v1.MediaTypeImageConfig, Layer{"application/vnd.in-toto+json", []byte("{}")})
	entry := Describe(i.Manifests[0].MediaType, i.Manifests[0].Text)
	if os != "" {
		entry.Platform = &v1.Platform{OS: os, Architecture: arch}
	}
	beside := Describe(OCI, attestation.Manifests[0].Text)
	beside.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
	return Index(t, index, append(i.Blobs, attestation.Blobs...), append(i.Manifests, attestation.Manifests...), beside, entry)
}

// Index is an image of an index over manifests.
func Index(t testing.TB, mediaType string, blobs [][]byte, manifests []Manifest, entries ...v1.Descriptor) Image {
	t.Helper()
	text := JSON(t, map[string]any{"schemaVersion": 2, "mediaType": mediaType, "manifests": entries})
	return Image{blobs, append(manifests, Manifest{mediaType, text})}
}

// Entry is a file of an archive.
type Entry struct {
	tar.Header
	Content []byte
}

// File is a regular one.
func File(name string, content []byte) Entry {
	return Entry{tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(content))}, content}
}

// Archive is a tar, compressed by gzip.
func Archive(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(PlainArchive(t, entries...)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// PlainArchive is a tar.
func PlainArchive(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
