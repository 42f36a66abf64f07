package stream_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/stream"
)

// show is a list on one line.
func show(h *stream.Headers) string {
	s := ""
	for _, f := range h.Fields() {
		s += string(f.Name) + "=" + string(f.Value) + ";"
	}
	return s
}

func list(nv ...string) *stream.Headers {
	h := new(stream.Headers)
	for i := 0; i < len(nv); i += 2 {
		h.AddString(nv[i], nv[i+1])
	}
	return h
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(h *stream.Headers)
		want string
	}{
		{"nothing", func(*stream.Headers) {}, "a=1;b=2;a=3;c=;"},
		{"add lower-cases the name", func(h *stream.Headers) { h.Add([]byte("X-Y"), []byte("Z")) }, "a=1;b=2;a=3;c=;x-y=Z;"},
		{"set one that is there twice", func(h *stream.Headers) { h.SetString("a", "9") }, "a=9;b=2;c=;"},
		{"set one that is there once", func(h *stream.Headers) { h.Set([]byte("b"), []byte("9")) }, "a=1;b=9;a=3;c=;"},
		{"set one that is not there", func(h *stream.Headers) { h.SetString("d", "9") }, "a=1;b=2;a=3;c=;d=9;"},
		{"set bytes that are not there", func(h *stream.Headers) { h.Set([]byte("d"), nil) }, "a=1;b=2;a=3;c=;d=;"},
		{"set by bytes of the list itself", func(h *stream.Headers) { h.Set(h.At(2).Name, h.At(1).Value) }, "a=2;b=2;c=;"},
		{"delete", func(h *stream.Headers) { h.Del("a") }, "b=2;c=;"},
		{"delete the last", func(h *stream.Headers) { h.Del("c") }, "a=1;b=2;a=3;"},
		{"delete by function", func(h *stream.Headers) {
			h.DelFunc(func(f *stream.Field) bool { return len(f.Value) == 0 || f.Value[0] == '1' })
		}, "b=2;a=3;"},
		{"change in place", func(h *stream.Headers) { h.At(1).Value = []byte("9") }, "a=1;b=9;a=3;c=;"},
		{"reset", func(h *stream.Headers) { h.Reset() }, ""},
		{"grow past the arena", func(h *stream.Headers) {
			h.AddString("d", strings.Repeat("x", 5000))
			h.AddString("e", strings.Repeat("y", 50_000))
			h.Del("d")
			h.Del("e")
		}, "a=1;b=2;a=3;c=;"},
	} {
		h := list("a", "1", "b", "2", "a", "3", "c", "")
		c.do(h)
		if got := show(h); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestHeadersAreFound(t *testing.T) {
	h := list("a", "1", "a", "2", "empty", "")
	if v, ok := h.Get("a"); string(v) != "1" || !ok {
		t.Errorf("a: %q, %v", v, ok)
	}
	if v, ok := h.Get("empty"); len(v) != 0 || !ok || !h.Has("empty") {
		t.Errorf("empty: %q, %v", v, ok)
	}
	if v, ok := h.Get("none"); v != nil || ok || h.Has("none") || h.Peek("none") != nil || h.Del("none") {
		t.Errorf("none: %q, %v", v, ok)
	}
	if h.Len() != 3 || h.Size() != len("a1a2empty") {
		t.Errorf("len %d, size %d", h.Len(), h.Size())
	}
}

func TestACopyIsIndependent(t *testing.T) {
	src := []byte("value")
	var h, c stream.Headers
	h.AppendRaw([]byte("raw"), src)
	c.AddString("old", "x")
	c.CopyFrom(&h)
	src[0] = 'X'
	h.Reset()
	h.AddString("overwrites", "the arena")
	if got := show(&c); got != "raw=value;" {
		t.Errorf("the copy is %s", got)
	}
}

func TestSyntax(t *testing.T) {
	for name, want := range map[string]bool{
		"x": true, "X-1_a": true, "!#$%&'*+-.^_`|~": true, "": false, "a b": false, "a:": false, ":path": false,
		"a\r": false, "a\x00": false, "\xe4": false, "(": false, "a\x7f": false,
	} {
		if got := stream.ValidName([]byte(name)); got != want {
			t.Errorf("name %q: %v", name, got)
		}
		b := []byte(name)
		if got := stream.LowerName(b); got != want || got && string(b) != strings.ToLower(name) {
			t.Errorf("name %q: %v, lower %q", name, got, b)
		}
	}
	for value, want := range map[string]bool{
		"": true, "a b\tc": true, "\xff\x80": true, "a\rb": false, "a\nb": false, "a\x00": false, "\x7f": false, "\x1f": false,
	} {
		if got := stream.ValidValue([]byte(value)); got != want {
			t.Errorf("value %q: %v", value, got)
		}
	}
	for in, want := range map[string]string{" \ta b\t ": "a b", "": "", " ": "", "a": "a"} {
		if got := string(stream.TrimOWS([]byte(in))); got != want {
			t.Errorf("trimmed %q: %q", in, got)
		}
	}
	if !stream.EqualFold([]byte("cHUNKED"), "chunked") || stream.EqualFold([]byte("chunk"), "chunked") ||
		stream.EqualFold([]byte("\xe2\x84\xaa"), "k") {
		t.Error("EqualFold goes beyond ASCII, or not that far")
	}
}
