package source_test

import (
	"context"
	"testing"

	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/source/sourcetest"
)

// TestLayouts reads each image that other projects' tools publish: by its tag,
// by its digest, and from the folder once the registry is away.
func TestLayouts(t *testing.T) {
	for name, image := range sourcetest.Layouts(t, wasm) {
		t.Run(name, func(t *testing.T) {
			registry := sourcetest.NewRegistry(t)
			digest := registry.Push(t, "filters/house", "1.2", image)
			byTag := source.Request{Module: "oci://" + registry.Host + "/filters/house:1.2"}
			byDigest := source.Request{Module: "oci://" + registry.Host + "/filters/house@" + digest}
			r := newRig(t, registry.Roots)
			want(t, r.keep(byTag), source.Fetched)
			before := registry.Requests()
			want(t, r.keep(byTag), source.Kept)
			if n := registry.Requests() - before; n != 1 {
				t.Errorf("%d requests for a tag that has not moved, want one", n)
			}
			want(t, r.load(byDigest), source.Kept)
			if n := registry.Requests() - before; n != 1 {
				t.Errorf("%d requests for an image that is kept, want none", n-1)
			}
			fresh := newRig(t, registry.Roots)
			want(t, fresh.load(byDigest), source.Fetched)
			registry.Away()
			want(t, fresh.load(byDigest), source.Kept)
			want(t, r.load(byTag), source.LastGood)
		})
	}
}

// TestMovedTag: a tag is looked at whenever modules are loaded, and Moved says
// whether it is worth it.
func TestMovedTag(t *testing.T) {
	registry := sourcetest.NewRegistry(t)
	push := func(code []byte) {
		registry.Push(t, "house", "1", sourcetest.Of(t, sourcetest.OCI, "x/y", sourcetest.Layer{MediaType: "application/wasm", Content: code}))
	}
	push([]byte("the first"))
	r := newRig(t, registry.Roots)
	q := source.Request{Module: "oci://" + registry.Host + "/house:1"}
	l := source.Load(context.Background(), r.Options, []source.Request{q})
	l.Keep()
	l.Forget()
	if l.Moved(context.Background()) {
		t.Error("moved, and was not")
	}
	push(wasm)
	if !l.Moved(context.Background()) {
		t.Error("did not move, and was")
	}
	want(t, r.keep(q), source.Fetched)
	// Pinned content does not move.
	pinned := source.Request{Module: q.Module, SHA256: sumOf(wasm)}
	l = source.Load(context.Background(), r.Options, []source.Request{pinned})
	push([]byte("the third"))
	if l.Moved(context.Background()) {
		t.Error("what is pinned moved")
	}
	want(t, r.load(pinned), source.Kept)
	registry.Away()
	if l = source.Load(context.Background(), r.Options, []source.Request{q}); l.Moved(context.Background()) {
		t.Error("a registry that is away moved a tag")
	}
}

// TestPlainRegistry speaks without TLS to this machine, if it is told to.
func TestPlainRegistry(t *testing.T) {
	registry := sourcetest.NewPlainRegistry(t)
	registry.Push(t, "house", "1", sourcetest.Layouts(t, wasm)["oras"])
	q := source.Request{Module: "oci://" + registry.Host + "/house:1"}
	r := newRig(t, "")
	refused(t, r.load(q), "server gave HTTP response to HTTPS client")
	if len(r.waits) != 0 {
		t.Errorf("tried again %d times", len(r.waits))
	}
	q.Plain = true
	want(t, r.load(q), source.Fetched)
}
