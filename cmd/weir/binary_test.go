package main_test

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tooMuch are modules that the program must not link, by the beginnings of
// their paths.
var tooMuch = []struct{ prefix, why string }{
	{"github.com/hashicorp/consul", "registries are asked by a plugin process"},
	{"k8s.io/", "registries are asked by a plugin process"},
	{"sigs.k8s.io/", "registries are asked by a plugin process"},
	{"go.etcd.io/", "registries are asked by a plugin process"},
	{"github.com/redis/", "shared stores are reached by a plugin process"},
	{"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc", "OTLP goes over HTTP"},
	{"github.com/envoyproxy/go-control-plane", "what runs is told by a file"},
	{"github.com/chromedp/", "it is for tests"},
	{"github.com/valyala/fasthttp", "it is measured beside us, and judges us in tests"},
	{"github.com/santhosh-tekuri/", "it is for tests"},
}

// needed is what shows that the list of modules is one.
const needed = "github.com/tetratelabs/wazero"

// mostBytes bounds the program's size, of which go-plugin and gRPC are 3.9 MB and
// the built-in filters 4.1 MB.
const mostBytes = 36 << 20

func TestBinaryIsLean(t *testing.T) {
	// As "make build" does, without the race detector, whatever the tests have.
	lean, err := build("plain", filepath.Join(built.dir, "builtin.wasm"), "-trimpath", "-ldflags=-w")
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(lean)
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, d := range info.Deps {
		linked = append(linked, d.Path)
	}
	if !slices.Contains(linked, needed) {
		t.Fatalf("%q is not the list of linked modules", linked)
	}
	for _, path := range linked {
		for _, b := range tooMuch {
			if strings.HasPrefix(path+"/", b.prefix) {
				t.Errorf("links %s: %s", path, b.why)
			}
		}
	}
	file, err := os.Stat(lean)
	if err != nil {
		t.Fatal(err)
	}
	if file.Size() > mostBytes {
		t.Errorf("has %d bytes, more than %d", file.Size(), mostBytes)
	}
	t.Logf("%d modules, %.1f MB", len(linked), float64(file.Size())/1e6)
}
