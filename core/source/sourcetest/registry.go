package sourcetest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry/remote"
)

// Registry is an OCI registry.
type Registry struct{ *Server }

// NewRegistry runs a registry over TLS until the test ends.
func NewRegistry(t testing.TB) Registry { return Registry{NewServer(t, handler())} }

// NewPlainRegistry is one without TLS.
func NewPlainRegistry(t testing.TB) Registry { return Registry{NewPlainServer(t, handler())} }

func handler() http.Handler {
	return registry.New(registry.Logger(log.New(io.Discard, "", 0)))
}

// Image is what is pushed: blobs, and the manifests that speak of them. The
// last manifest is what the tag names.
type Image struct {
	Blobs     [][]byte
	Manifests []Manifest
}

// Manifest is a manifest or index.
type Manifest struct {
	MediaType string
	Text      []byte
}

// Push publishes an image, and answers the digest of its last manifest.
func (r Registry) Push(t testing.TB, repository, tag string, i Image) (name string) {
	t.Helper()
	repo, err := remote.NewRepository(r.Host + "/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	repo.Client = r.server.Client()
	repo.PlainHTTP = r.Roots == ""
	ctx := context.Background()
	for _, b := range i.Blobs {
		if err := repo.Blobs().Push(ctx, Describe("", b), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	for n, m := range i.Manifests {
		d := Describe(m.MediaType, m.Text)
		name = d.Digest.String()
		if n == len(i.Manifests)-1 {
			name = tag
		}
		if err := repo.Manifests().PushReference(ctx, d, bytes.NewReader(m.Text), name); err != nil {
			t.Fatal(err)
		}
		name = d.Digest.String()
	}
	return name
}

// Describe is a blob's descriptor.
func Describe(mediaType string, blob []byte) v1.Descriptor {
	return v1.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(blob), Size: int64(len(blob))}
}

// JSON is a value as a manifest has it.
func JSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
