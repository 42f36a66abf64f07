package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/weirproxy/weir/core/source/image"
	"github.com/weirproxy/weir/core/source/store"
)

// userAgent is who asks. Operators of registries look for it.
const userAgent = "weir"

// repository is where an image is, and our word to its registry.
func repository(c *client, m *Module) (*remote.Repository, error) {
	who, err := credentialsFor(m.ref.Registry, m.Credentials)
	if err != nil {
		return nil, &refusal{error: err}
	}
	r, err := remote.NewRepository(m.ref.Registry + "/" + m.ref.Repository)
	if err != nil {
		return nil, &refusal{error: err}
	}
	r.PlainHTTP = m.Plain
	r.MaxMetadataBytes = image.MaxManifest
	r.Client = &auth.Client{
		Client: &c.Client, Credential: who, Cache: auth.NewCache(), Header: http.Header{"User-Agent": {userAgent}},
	}
	return r, nil
}

// resolve is the manifest that an image's tag names now.
func resolve(ctx context.Context, c *client, m *Module) (store.Sum, error) {
	r, err := repository(c, m)
	if err != nil {
		return store.Sum{}, err
	}
	d, err := describe(m.reach(ctx), r, m.ref.Tag)
	if err != nil {
		return store.Sum{}, err
	}
	return store.ParseSum(d.Digest.Encoded())
}

// reach is a context in which the registry may be spoken to as the module says.
func (m *Module) reach(ctx context.Context) context.Context {
	if m.Plain {
		return allowPlain(ctx)
	}
	return ctx
}

// describe asks what a tag or digest names.
func describe(ctx context.Context, r *remote.Repository, name string) (v1.Descriptor, error) {
	d, err := r.Resolve(ctx, name)
	switch {
	case err != nil:
		return d, ofRegistry(err)
	case d.Digest.Algorithm() != "sha256":
		return d, &refusal{error: fmt.Errorf("its digest is %q, want one of sha256", d.Digest)}
	}
	return d, nil
}

// pull is the module of the image with that manifest.
func pull(ctx context.Context, c *client, m *Module, manifest store.Sum) ([]byte, error) {
	r, err := repository(c, m)
	if err != nil {
		return nil, err
	}
	ctx = m.reach(ctx)
	d, err := describe(ctx, r, "sha256:"+manifest.String())
	if err != nil {
		return nil, err
	}
	text, err := fetch(ctx, r.Manifests(), d, image.MaxManifest)
	if err != nil {
		return nil, err
	}
	if image.IsIndex(d.MediaType) {
		if d, err = image.Choose(d.MediaType, text); err != nil {
			return nil, &refusal{err, true}
		}
		if text, err = fetch(ctx, r.Manifests(), d, image.MaxManifest); err != nil {
			return nil, err
		}
	}
	layers, err := image.Layers(d.MediaType, text)
	if err != nil {
		return nil, &refusal{err, true}
	}
	return unpack(ctx, r, layers)
}

// unpack looks for the module in layers.
func unpack(ctx context.Context, r *remote.Repository, layers []image.Layer) ([]byte, error) {
	left := int64(2 * MaxModule) // of all layers together
	for _, l := range layers {
		data, err := fetch(ctx, r.Blobs(), l.Descriptor, min(left, MaxModule))
		if err != nil || !l.Packed {
			return data, err
		}
		left -= l.Size
		code, err := image.Unpack(data, MaxModule)
		switch {
		case err == nil:
			return code, nil
		case !errors.Is(err, image.ErrNoModule):
			return nil, &refusal{err, true}
		}
	}
	return nil, &refusal{fmt.Errorf("none of its layers has a file %s", image.Module), true}
}

// fetch is a verified part of an image, of at most that many bytes.
func fetch(ctx context.Context, from content.Fetcher, d v1.Descriptor, most int64) ([]byte, error) {
	if d.Size > most {
		return nil, &refusal{fmt.Errorf("a part of it has %d bytes, more than %d", d.Size, most), true}
	}
	data, err := content.FetchAll(ctx, from, d)
	if errors.Is(err, content.ErrMismatchedDigest) || errors.Is(err, content.ErrTrailingData) {
		return nil, &refusal{error: fmt.Errorf("the registry sent something else than %s: %w", d.Digest, err)}
	}
	if err != nil {
		return nil, ofRegistry(err)
	}
	return data, nil
}
