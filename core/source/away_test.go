package source_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/source"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// TestLastGood: what a tag named last stands in for a registry that gives
// nothing, and only what was found good.
func TestLastGood(t *testing.T) {
	registry := NewRegistry(t)
	image := Layouts(t, wasm)["oras"]
	registry.Push(t, "house", "1", image)
	q := source.Request{Module: "oci://" + registry.Host + "/house:1"}
	r := newRig(t, registry.Roots)
	want(t, r.load(q), source.Fetched) // and nobody says that it is good
	registry.Fails(Status(503))
	refused(t, r.load(q), "503 Service Unavailable")
	registry.Fails(nil)
	want(t, r.keep(q), source.Kept)
	for name, fault := range map[string]Fault{
		"busy":              Status(503),
		"refuses":           Status(401),
		"forgot the tag":    Status(404),
		"nonsense":          Status(200, "Content-Type", "text/html"),
		"no digest":         Under("/manifests/", Status(200, "Content-Type", OCI, "Content-Length", "2")),
		"a digest of other": Under("/manifests/", Status(200, "Content-Type", OCI, "Content-Length", "2", "Docker-Content-Digest", "sha512:"+strings.Repeat("0", 128))),
	} {
		t.Run(name, func(t *testing.T) {
			registry.Fails(fault)
			tried := len(r.waits)
			m := r.load(q)
			want(t, m, source.LastGood)
			if m.Away == nil {
				t.Error("it does not say why")
			}
			if len(r.waits) != tried {
				t.Error("it waited, and had what is good enough")
			}
		})
	}
	registry.Fails(nil)
	// What is published and is no module: who published it has to know.
	registry.Push(t, "house", "1", Of(t, OCI, "x/y", Layer{MediaType: "text/plain", Content: []byte("oops")}))
	refused(t, r.load(q), "none of its layers holds a module")
	registry.Away()
	want(t, r.load(q), source.LastGood)
	// Other content than what is asked for never stands in.
	refused(t, r.load(source.Request{Module: q.Module, SHA256: strings.Repeat("0", 64)}), "connection refused")
}

func TestOffline(t *testing.T) {
	registry := NewRegistry(t)
	digest := registry.Push(t, "house", "1", Layouts(t, wasm)["docker build"])
	byTag := source.Request{Module: "oci://" + registry.Host + "/house:1"}
	byDigest := source.Request{Module: "oci://" + registry.Host + "/house@" + digest}
	byURL := source.Request{Module: "https://" + registry.Host + "/house.wasm", SHA256: sumOf(wasm)}
	r := newRig(t, registry.Roots)
	online := r.Options
	r.Offline = true
	before := registry.Requests()
	for _, q := range []source.Request{byTag, byDigest, byURL} {
		if m := r.load(q); !errors.Is(m.Err, source.ErrNotKept) {
			t.Errorf("%s: %v", q.Module, m.Err)
		}
	}
	if n := registry.Requests() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
	r.Options = online
	want(t, r.keep(byTag), source.Fetched)
	r.Offline = true
	before = registry.Requests()
	want(t, r.load(byTag), source.LastGood)
	want(t, r.load(byDigest), source.Kept)
	want(t, r.load(byURL), source.Kept)
	if n := registry.Requests() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestFiles(t *testing.T) {
	r := newRig(t, "")
	path := write(t, "house.wasm", wasm)
	m := r.load(source.Request{Module: path})
	want(t, m, source.FromFile)
	if m.Info == nil || m.Info.Size() != int64(len(wasm)) {
		t.Errorf("%v", m.Info)
	}
	large := write(t, "large.wasm", nil)
	if err := os.Truncate(large, source.MaxModule+1); err != nil {
		t.Fatal(err)
	}
	refused(t, r.load(source.Request{Module: large}), "reading module", "it has 67108865 bytes, more than 67108864")
	refused(t, r.load(source.Request{Module: t.TempDir()}), "reading module", "it is not a regular file")
	refused(t, r.load(source.Request{Module: "missing.wasm"}), `reading module "missing.wasm": no such file or directory`)
}
