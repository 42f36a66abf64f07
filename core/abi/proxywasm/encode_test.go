package proxywasm_test

import (
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/weirproxy/weir/core/filter"
)

// encodeGzip has the response encoded with gzip at level 1.
func encodeGzip() step {
	return call("proxy_call_foreign_function", "weir.encode", "\x01\x00\x00\x00\x01\x00\x00\x00", outHex{})
}

// unzip is the body behind a response as exchange shows it.
func unzip(t *testing.T, downstream string) string {
	t.Helper()
	at := strings.Index(downstream, "\x1f\x8b")
	if at < 0 {
		t.Fatalf("there is no gzip in %q", downstream)
	}
	r, err := gzip.NewReader(strings.NewReader(strings.ReplaceAll(downstream[at:], "|>", "")))
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false)
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%v: %q", err, downstream)
	}
	return string(body)
}

func TestEncode(t *testing.T) {
	page := &exchange{responseHeaders: []string{"content-type: text/plain", "content-length: 7", "etag: \"abc\"", "accept-ranges: bytes", "repr-digest: x"},
		responseBody: []string{"some", " te", "xt"}}

	t.Run("streams without callbacks", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", encodeGzip()))
		if f.Phases()&(filter.PhaseResponseBody|filter.PhaseResponseTrailers) != 0 {
			t.Errorf("it takes part in phases %b", f.Phases())
		}
		for range 3 {
			x := *page
			o := x.run(f)
			head, _, _ := strings.Cut(o.downstream, "\x1f")
			if !strings.HasPrefix(head, "200|content-type: text/plain|etag: W/\"abc\"|content-encoding: gzip") {
				t.Errorf("head %q", head)
			}
			if got := unzip(t, o.downstream); got != "some text" {
				t.Errorf("body %q", got)
			}
		}
		h.expect("call_foreign_function=0 ", "call_foreign_function=0 ", "call_foreign_function=0 ")
		if n := h.Encoders.Used(); n != 0 {
			t.Errorf("%d bytes of encoders are still in use", n)
		}
	})
	t.Run("behind the filter's own changes, before trailers", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", encodeGzip()).on("on_response_body", last(splice(1, 0, 0, "> "))).on("on_response_trailers"))
		x := *page
		x.responseBody, x.responseTrailers = []string{"some text"}, []string{"sum: 1"}
		if got := unzip(t, x.run(f).downstream); got != "some text" {
			t.Errorf("body %q", got)
		}
		x = *page
		x.responseBody = []string{"some text"}
		if got := unzip(t, x.run(f).downstream); got != "> some text" {
			t.Errorf("body %q", got)
		}
	})
	t.Run("what it costs is the filter's", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", encodeGzip()))
		x := *page
		x.responseBody = []string{strings.Repeat("some text ", 100_000)}
		before := h.Stats()[0].CPU
		x.run(f)
		if cost := h.Stats()[0].CPU - before; cost < 1e6 || cost > 1e9 {
			t.Errorf("1 MB costs %v", cost)
		}
	})
	t.Run("refused", func(t *testing.T) {
		h := newHost(t)
		always := newScript().on("on_configure", encodeGzip()).on("on_request_headers", encodeGzip()).
			on("on_response_headers", encodeGzip(), encodeGzip()).on("on_response_body", encodeGzip())
		f := h.load(always)
		h.log.take()
		x := *page
		x.responseBody = []string{"text"}
		if got := unzip(t, x.run(f).downstream); got != "text" {
			t.Errorf("body %q", got)
		}
		h.expect("call_foreign_function=2 ", "call_foreign_function=0 ", "call_foreign_function=2 ", "call_foreign_function=2 ")
		for name, x := range map[string]*exchange{
			"no body":        {},
			"part of one":    {status: 206, responseHeaders: []string{"content-range: bytes 0-3/9"}, responseBody: []string{"some"}},
			"not said to be": {responseHeaders: []string{"content-range: bytes 0-3/9"}, responseBody: []string{"some"}},
		} {
			if o := x.run(f); strings.Contains(o.downstream, "content-encoding") {
				t.Errorf("%s: %q", name, o.downstream)
			}
		}
		if n := h.Encoders.Used(); n != 0 {
			t.Errorf("%d bytes of encoders are still in use", n)
		}
	})
	t.Run("no room", func(t *testing.T) {
		h := newHost(t)
		h.Encoders.SetMemory(1 << 20)
		f := h.load(newScript().on("on_response_headers", encodeGzip()))
		x := *page
		if o := x.run(f); !strings.Contains(o.downstream, "content-length: 7") || !strings.HasSuffix(o.downstream, "some|> te|>xt") {
			t.Errorf("%q", o.downstream)
		}
		h.expect("call_foreign_function=10 ")
	})
}

// TestEncodersAreFreed however a stream ends.
func TestEncodersAreFreed(t *testing.T) {
	for name, c := range map[string]struct {
		guest *script
		want  string // how the response begins
	}{
		"trap after asking, failing closed":  {newScript().on("on_response_headers", encodeGzip(), trap), "503"},
		"trap in the body":                   {newScript().on("on_response_headers", encodeGzip()).on("on_response_body", trap), ""},
		"local reply in the response's head": {newScript().on("on_response_headers", encodeGzip(), reply(418, "", "no")), "418"},
		"reset":                              {newScript().on("on_response_headers", encodeGzip(), call("proxy_close_stream", 1)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			f := h.load(c.guest)
			x := &exchange{responseBody: []string{"some", "text"}}
			if o := x.run(f); !strings.HasPrefix(o.downstream, c.want) || strings.Contains(o.downstream, "content-encoding") && c.want != "" {
				t.Errorf("outcome %+v", o)
			}
			if n := h.Encoders.Used(); n != 0 {
				t.Errorf("%d bytes of encoders are still in use", n)
			}
		})
	}
	t.Run("trap after asking, failing open", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_response_headers", encodeGzip(), trap))
		x := &exchange{responseBody: []string{"some", "text"}, onError: filter.FailOpen}
		if got := unzip(t, x.run(f).downstream); got != "sometext" {
			t.Errorf("body %q", got)
		}
		if n := h.Encoders.Used(); n != 0 {
			t.Errorf("%d bytes of encoders are still in use", n)
		}
	})
}
