package source_test

import (
	"archive/tar"
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/weirproxy/weir/core/source"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// packed is an image of one layer: an archive.
func packed(t *testing.T, archive []byte) Image {
	return Of(t, OCI, v1.MediaTypeImageConfig, Layer{MediaType: v1.MediaTypeImageLayerGzip, Content: archive})
}

func link(kind byte, name, to string) Entry {
	return Entry{Header: tar.Header{Name: name, Linkname: to, Typeflag: kind}}
}

// TestUnusableImages are what a registry has and no module can be had of. None
// is tried again, none is kept.
func TestUnusableImages(t *testing.T) {
	plain := Layer{MediaType: "application/wasm", Content: wasm}
	good := packed(t, Archive(t, File("plugin.wasm", wasm)))
	entry := Describe(OCI, good.Manifests[0].Text)
	index := func(entries ...v1.Descriptor) Image {
		return Index(t, OCIIndex, good.Blobs, good.Manifests, entries...)
	}
	nested := index(entry)
	both := Image{Blobs: good.Blobs, Manifests: []Manifest{{MediaType: OCI, Text: JSON(t, map[string]any{
		"schemaVersion": 2, "layers": []v1.Descriptor{Describe("application/wasm", wasm)}, "manifests": []v1.Descriptor{entry},
	})}}}
	both.Blobs = append(both.Blobs, wasm)
	for name, c := range map[string]struct {
		image Image
		says  string
	}{
		"no layers":            {Of(t, OCI, "x/y"), "none of its layers holds a module; they are []"},
		"layers of other":      {Of(t, OCI, "x/y", Layer{MediaType: "text/plain", Content: []byte("x")}), `they are ["text/plain"]`},
		"two modules":          {Of(t, OCI, "x/y", plain, plain), "it has 2 layers of Wasm, want one"},
		"many layers":          {Of(t, OCI, "x/y", slices.Repeat([]Layer{plain}, 65)...), "it has 65 layers, more than 64"},
		"no plugin.wasm":       {packed(t, Archive(t, File("main.wasm", wasm))), "none of its layers has a file plugin.wasm"},
		"an empty archive":     {packed(t, Archive(t)), "none of its layers has a file plugin.wasm"},
		"several":              {packed(t, Archive(t, File("plugin.wasm", wasm), File("old/plugin.wasm", wasm))), "there are several files plugin.wasm in it"},
		"leads out":            {packed(t, Archive(t, File("../../etc/plugin.wasm", wasm))), `the name "../../etc/plugin.wasm" leads out of the archive`},
		"leads out, of others": {packed(t, Archive(t, File("plugin.wasm", wasm), File("a/../../b", nil))), `"a/../../b" leads out`},
		"a symbolic link":      {packed(t, Archive(t, link(tar.TypeSymlink, "plugin.wasm", "/etc/passwd"))), `"plugin.wasm" is a link or no regular file`},
		"a hard link":          {packed(t, Archive(t, File("a", wasm), link(tar.TypeLink, "plugin.wasm", "a"))), `"plugin.wasm" is a link or no regular file`},
		"a folder":             {packed(t, Archive(t, link(tar.TypeDir, "plugin.wasm/", ""))), "is a link or no regular file"},
		"a device":             {packed(t, Archive(t, link(tar.TypeChar, "plugin.wasm", ""))), "is a link or no regular file"},
		"no archive":           {packed(t, []byte("hello")), "unpacking: "},
		"a cut archive":        {packed(t, Archive(t, File("plugin.wasm", wasm))[:60]), "unpacking: "},
		"many files":           {packed(t, Archive(t, slices.Repeat([]Entry{File("x", nil)}, 10001)...)), "there are more than 10000 files in it"},
		"an empty index":       {index(), "its index has no manifest of a module"},
		"an ambiguous index":   {index(entry, entry), "its index has 2 manifests to choose from; name one by digest"},
		"an index in an index": {Index(t, OCIIndex, nested.Blobs, nested.Manifests, Describe(OCIIndex, nested.Manifests[1].Text)), "its index has an index in it"},
		"both at once":         {both, "its manifest has both layers and manifests"},
	} {
		t.Run(name, func(t *testing.T) {
			registry := NewRegistry(t)
			registry.Push(t, "house", "1", c.image)
			r := newRig(t, registry.Roots)
			q := source.Request{Module: "oci://" + registry.Host + "/house:1"}
			refused(t, r.keep(q), `fetching module "`+q.Module+`": `, c.says)
			if len(r.waits) != 0 {
				t.Errorf("tried again %d times", len(r.waits))
			}
			registry.Away()
			refused(t, r.load(q), "connection refused")
		})
	}
}

// TestLyingRegistry sends other bytes than it names.
func TestLyingRegistry(t *testing.T) {
	image := Of(t, OCI, "x/y", Layer{MediaType: "application/wasm", Content: wasm})
	blob := "/blobs/" + digest.FromBytes(wasm).String()
	manifest := image.Manifests[0].Text
	send := func(b []byte) Fault {
		return func(w http.ResponseWriter, r *http.Request) bool { _, _ = w.Write(b); return true }
	}
	large := bytes.Replace(manifest, []byte(`"size":`+strconv.Itoa(len(wasm))), []byte(`"size":99999999`), 1)
	for name, c := range map[string]struct {
		fault Fault
		says  string
	}{
		"another layer":       {Under(blob, send(bytes.ToUpper(wasm))), "the registry sent something else than sha256:"},
		"a longer layer":      {Under(blob, send(append(bytes.Clone(wasm), 'x'))), ""},
		"another manifest":    {Under("/manifests/sha256", forge(manifest, bytes.Replace(manifest, []byte("x/y"), []byte("y/x"), 1))), "the registry sent something else than sha256:"},
		"another type":        {Under("/manifests/", Status(200, "Content-Type", "text/html", "Content-Length", "2", "Docker-Content-Digest", digest.FromBytes(manifest).String())), ""},
		"layers without end":  {Under("/manifests/", forge(large, large)), "a part of it has 99999999 bytes, more than 67108864"},
		"a manifest too long": {Under("/manifests/", Status(200, "Content-Type", OCI, "Content-Length", "9999999", "Docker-Content-Digest", digest.FromBytes(manifest).String())), "a part of it has 9999999 bytes, more than 4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			registry := NewRegistry(t)
			registry.Push(t, "house", "1", image)
			registry.Fails(c.fault)
			r := newRig(t, registry.Roots)
			refused(t, r.load(source.Request{Module: "oci://" + registry.Host + "/house:1"}), c.says)
		})
	}
}

// forge sends other bytes as the manifest of a digest.
func forge(named, sent []byte) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", OCI)
		w.Header().Set("Docker-Content-Digest", digest.FromBytes(named).String())
		w.Header().Set("Content-Length", strconv.Itoa(len(sent)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(sent)
		}
		return true
	}
}
