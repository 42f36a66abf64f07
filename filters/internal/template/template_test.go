package template_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// filler writes a template's value into a response header.
type filler struct {
	t   template.Template
	buf []byte
}

func (f *filler) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	v, known := f.t.Append(f.buf[:0], s)
	f.buf = v
	s.Response().SetBytes("x-value", v)
	if !known {
		s.Response().Set("x-unknown", "1")
	}
	return sdk.Continue
}

func init() {
	sdk.Register("filler", func(r *sdk.Root) (sdk.Plugin, error) {
		t, err := template.Parse(string(r.Config()))
		return &filler{t: t}, err
	})
}

func TestFillsIn(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"{{x}}", "{x}"},
		{"{client_ip}|{route}|{cluster}", "192.0.2.7|orders|orders-v1"},
		{"{method} {host}{path} {status}", "PUT a.example/p?q=1 204"},
		{"{status_class} {response_header:X-Kind}", "2xx k"},
		{"{request_id}/{header:X-Tenant}/{header:none}/", "abc/t1//"},
		{"{property:request.method}-{property:weir.identity}-{identity}", "PUT-ann-ann"},
		{"{claim:tenant}/{claim:realm.name}", "t2/r"},
	} {
		h := sdktest.New(t, "filler", c.text)
		s := h.Stream(sdktest.Request{Method: "PUT", Authority: "a.example", Path: "/p?q=1",
			Headers: sdktest.H("x-request-id", "abc", "x-tenant", "t1"),
			Properties: map[string]string{"source.address": "192.0.2.7:4711", "xds.route_name": "orders",
				"xds.cluster_name": "orders-v1", "weir.identity": "ann",
				"weir.claim.tenant": "t2", "weir.claim.realm.name": "r"}})
		s.Respond(sdktest.Response{Status: 204, Headers: sdktest.H("x-kind", "k")})
		if got := s.Downstream().Get("x-value"); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
		if n := testing.AllocsPerRun(100, s.Again); n > 0 {
			t.Errorf("%q: %v allocations", c.text, n)
		}
	}
}

func TestSaysWhenNothingIsKnown(t *testing.T) {
	s := sdktest.New(t, "filler", "user {identity}").Stream(sdktest.Request{})
	s.Respond(sdktest.Response{})
	if !s.Downstream().Has("x-unknown") {
		t.Error("a template whose only placeholder is empty counts as known")
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"{clientip}": `unknown placeholder {clientip}; did you mean "{client_ip}"?`,
		"{":          `"{" has no "}"`,
		"{header:}":  "lacks a name",
		"a\nb":       "control character",
	} {
		if _, err := template.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"{client_ip}", "{{}}", "}{", "{header:a}", "{:}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := template.Parse(text)
		if v, ok := p.Literal(); err == nil && ok && len(v) > len(text) {
			t.Errorf("%q became longer: %q", text, v)
		}
	})
}
