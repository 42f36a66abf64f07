package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Module is the name a module has in an archive.
const Module = "plugin.wasm"

// maxEntries bounds the files of an archive.
const maxEntries = 10000

// ErrNoModule is an archive without a module.
var ErrNoModule = errors.New("there is no " + Module + " in it")

// Unpack is the module in a layer's archive, a tar that may be compressed by
// gzip. The module has at most that many bytes, all in the archive four times
// as many.
func Unpack(layer []byte, most int64) ([]byte, error) {
	var r io.Reader = bytes.NewReader(layer)
	if bytes.HasPrefix(layer, []byte{0x1f, 0x8b}) {
		gz, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("unpacking: %w", err)
		}
		r = gz
	}
	all := &io.LimitedReader{R: r, N: 4*most + 1}
	module, err := search(tar.NewReader(all), most)
	if all.N == 0 {
		return nil, fmt.Errorf("unpacking: there are more than %d bytes in it", 4*most)
	}
	return module, err
}

// search goes through a whole archive: a second module would make it unclear
// which one is meant.
func search(archive *tar.Reader, most int64) (module []byte, err error) {
	found := false
	for range maxEntries {
		h, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && found:
			return module, nil
		case errors.Is(err, io.EOF):
			return nil, ErrNoModule
		case err != nil:
			return nil, fmt.Errorf("unpacking: %w", err)
		case slices.Contains(strings.Split(h.Name, "/"), ".."):
			return nil, fmt.Errorf("unpacking: the name %.200q leads out of the archive", h.Name)
		case path.Base(h.Name) != Module:
			continue
		case h.Typeflag != tar.TypeReg:
			return nil, fmt.Errorf("unpacking: %.200q is a link or no regular file; put the module itself there", h.Name)
		case found:
			return nil, fmt.Errorf("unpacking: there are several files %s in it", Module)
		case h.Size > most:
			return nil, fmt.Errorf("unpacking: %s has %d bytes, more than %d", Module, h.Size, most)
		}
		if module, err = io.ReadAll(archive); err != nil {
			return nil, fmt.Errorf("unpacking %s: %w", Module, err)
		}
		found = true
	}
	return nil, fmt.Errorf("unpacking: there are more than %d files in it", maxEntries)
}
