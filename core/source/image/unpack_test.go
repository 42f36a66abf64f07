package image_test

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/source/image"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// TestBounds: what unpacks to more than it may is left before it has.
func TestBounds(t *testing.T) {
	const most = 10 << 10
	fits := File(image.Module, bytes.Repeat([]byte("x"), most))
	zeros := func(n int) Entry { return File("zeros", make([]byte, n)) }
	for name, c := range map[string]struct {
		archive []byte
		says    string
	}{
		"it fits":             {Archive(t, zeros(2*most), fits), ""},
		"a byte too many":     {Archive(t, File(image.Module, make([]byte, most+1))), "unpacking: plugin.wasm has 10241 bytes, more than 10240"},
		"a bomb":              {Archive(t, zeros(1<<20), fits), "unpacking: there are more than 40960 bytes in it"},
		"a bomb behind it":    {Archive(t, fits, zeros(1<<20)), "unpacking: there are more than 40960 bytes in it"},
		"a bomb of a header":  {Archive(t, Entry{Header: tar.Header{Name: "x", PAXRecords: map[string]string{"A.b": strings.Repeat("x", 900<<10)}}}), "unpacking: there are more than 40960 bytes in it"},
		"many bombs, no more": {Archive(t, zeros(most), zeros(most), zeros(most)), image.ErrNoModule.Error()},
	} {
		code, err := image.Unpack(c.archive, most)
		switch {
		case c.says == "" && (err != nil || len(code) != most):
			t.Errorf("%s: %d bytes, %v", name, len(code), err)
		case c.says != "" && (err == nil || err.Error() != c.says):
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
	}
}

// FuzzUnpack unpacks what any registry may send: nothing comes out that is
// larger than it may, and what comes out is the file of an archive.
func FuzzUnpack(f *testing.F) {
	module := []byte("\x00asm\x01\x00\x00\x00")
	f.Add(Archive(f, File("plugin.wasm", module)))
	f.Add(Archive(f, File("a/../plugin.wasm", module)))
	f.Add(Archive(f, Entry{Header: tar.Header{Name: "plugin.wasm", Linkname: "/", Typeflag: tar.TypeSymlink}}))
	f.Add(PlainArchive(f, File("LICENSE", nil), File("plugin.wasm", module)))
	f.Add(PlainArchive(f, Entry{Header: tar.Header{Name: "plugin.wasm", Format: tar.FormatPAX, PAXRecords: map[string]string{"path": "x"}}}))
	f.Fuzz(func(t *testing.T, layer []byte) {
		const most = 4 << 10
		code, err := image.Unpack(layer, most)
		switch {
		case err != nil && code != nil:
			t.Error("an error, and a module")
		case len(code) > most:
			t.Errorf("%d bytes", len(code))
		}
	})
}
