package ref_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/source/ref"
)

const sum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestParse(t *testing.T) {
	for text, want := range map[string]ref.Ref{
		"house.wasm":                            {Path: "house.wasm"},
		"/a b/c:d.wasm":                         {Path: "/a b/c:d.wasm"},
		"oci://registry.example/house:1.2":      {Kind: ref.OCI, Registry: "registry.example", Repository: "house", Tag: "1.2"},
		"oci://[::1]:5000/a/b/house@" + sum:     {Kind: ref.OCI, Registry: "[::1]:5000", Repository: "a/b/house", Digest: sum},
		"oci://registry.example/house:1@" + sum: {Kind: ref.OCI, Registry: "registry.example", Repository: "house", Digest: sum},
	} {
		got, err := ref.Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	u, err := ref.Parse("https://modules.example:8443/a/house.wasm?signature=hush")
	if err != nil || u.Kind != ref.HTTP || u.String() != "https://modules.example:8443/a/house.wasm" {
		t.Errorf("%v, %v", u, err)
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "127.0.0.1": true, "127.9.9.9:5000": true, "[::1]:5000": true, "[::ffff:127.0.0.1]": true,
		"localhost.example": false, "10.0.0.1": false, "127.0.0.1.example": false, "0.0.0.0": false, "[::]": false, "": false, "127.1": false,
	} {
		if ref.Loopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

// FuzzParse reads any text. What it reads means the same when it is written.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"house.wasm", "https://a.example/b.wasm", "http://localhost/b", "oci://a.example/b:1", "oci://a.example/b@" + sum,
		"https://me:secret@a.example/b", "ftp://a", "://", "oci://a/../b:1", "https://a.example/%2e%2e/#x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ref.Parse(s)
		if err != nil {
			return
		}
		if r.Kind != ref.File && !strings.Contains(s, "://") || r.Kind == ref.OCI && (r.Tag == "") == (r.Digest == "") {
			t.Errorf("%q is %+v", s, r)
		}
		again, err := ref.Parse(r.String())
		if err != nil || again.Kind != r.Kind || again.String() != r.String() {
			t.Errorf("%q is %+v, written %q, which is %+v, %v", s, r, r.String(), again, err)
		}
		if r.Kind == ref.HTTP && r.URL.Scheme != "https" && !ref.Loopback(r.URL.Host) {
			t.Errorf("%q is not encrypted", s)
		}
	})
}
