package image_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/source/image"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// TestBadManifests are those that no registry of a test takes.
func TestBadManifests(t *testing.T) {
	const sum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, c := range map[string]struct{ mediaType, text, says string }{
		"no JSON":           {OCI, "{", "reading the image's manifest: unexpected end of JSON input"},
		"another type":      {"text/html", "{}", `it is of media type "text/html", which is no image`},
		"schema 1":          {"application/vnd.docker.distribution.manifest.v1+json", "{}", "which is no image"},
		"says it is other":  {OCI, `{"mediaType": "` + OCIIndex + `"}`, `its manifest says it is "` + OCIIndex + `", the registry that it is "` + OCI + `"`},
		"no digest":         {OCI, `{"layers": [{"mediaType": "application/wasm", "size": 1}]}`, `its manifest has a part of digest "" and size 1`},
		"a digest of other": {OCI, `{"layers": [{"digest": "sha512:` + strings.Repeat("0", 128) + `", "size": 1}]}`, `a part of digest "sha512:0000`},
		"a path for digest": {OCI, `{"layers": [{"digest": "sha256:../../x", "size": 1}]}`, `a part of digest "sha256:../../x"`},
		"a negative size":   {OCI, `{"layers": [{"digest": "` + sum + `", "size": -1}]}`, "and size -1"},
	} {
		if layers, err := image.Layers(c.mediaType, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v, want %s", name, layers, err, c.says)
		}
	}
	long := `{"manifests": [` + strings.Repeat(`{"digest": "`+sum+`"},`, 64) + `{"digest": "` + sum + `"}]}`
	if _, err := image.Choose(OCIIndex, []byte(long)); err == nil || err.Error() != "its index has 65 manifests, more than 64" {
		t.Errorf("a long index: %v", err)
	}
}

// FuzzManifest reads what any registry may send: what it says to fetch has a
// SHA-256 and a size.
func FuzzManifest(f *testing.F) {
	for _, i := range Layouts(f, []byte("\x00asm\x01\x00\x00\x00")) {
		for _, m := range i.Manifests {
			f.Add(m.MediaType, m.Text)
		}
	}
	f.Fuzz(func(t *testing.T, mediaType string, text []byte) {
		layers, err := image.Layers(mediaType, text)
		if err == nil && len(layers) == 0 {
			t.Error("no layers, and no error")
		}
		for _, l := range layers {
			if l.Digest.Validate() != nil || len(l.Digest.Encoded()) != 64 || l.Size < 0 {
				t.Errorf("%+v", l)
			}
		}
		if d, err := image.Choose(mediaType, text); err == nil && (d.Digest.Validate() != nil || len(d.Digest.Encoded()) != 64 || d.Size < 0) {
			t.Errorf("%+v", d)
		}
	})
}
