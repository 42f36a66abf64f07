package otlp_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

var context1 = stream.TraceContext{Trace: stream.TraceID{1}, Span: stream.SpanID{2}, State: []byte("a=1")}

func TestAllOfASpan(t *testing.T) {
	r := otlptest.Listen(t)
	e := exporter(t, options(r.URL))
	s := otlp.New(&context1, otlp.Client)
	s.Parent(stream.SpanID{3}, true)
	s.Time(1000, 3000)
	s.Name("GET", " ", "orders")
	s.Text("text", "v")
	s.Text("none", "")
	s.Int("negative", -5)
	s.True("truth")
	s.Link(&stream.TraceContext{Trace: stream.TraceID{4}, Span: stream.SpanID{5}})
	s.Event("response", 2000, 500)
	s.Failed("connect")
	e.Add(s)
	until(t, e, otlp.Counts{Sent: 1})
	got := r.Spans()[0]
	a := got.Attributes()
	if got.Trace() != "01"+strings.Repeat("0", 30) || got.ID() != "02"+strings.Repeat("0", 14) || got.Parent() != "03"+strings.Repeat("0", 14) ||
		got.TraceState != "a=1" || got.Name != "GET orders" || got.Kind.String() != "SPAN_KIND_CLIENT" || got.Flags != 0x301 ||
		got.StartTimeUnixNano != 1000 || got.EndTimeUnixNano != 3000 {
		t.Errorf("%v", got)
	}
	if len(a) != 3 || a["text"] != "v" || a["negative"] != int64(-5) || a["truth"] != true {
		t.Errorf("attributes %v", a)
	}
	if l := got.Links; len(l) != 1 || l[0].TraceId[0] != 4 || l[0].SpanId[0] != 5 || l[0].Flags != 0x300 {
		t.Errorf("links %v", l)
	}
	if v := got.Events; len(v) != 1 || v[0].Name != "response" || v[0].TimeUnixNano != 2000 || v[0].Attributes[0].Value.GetIntValue() != 500 {
		t.Errorf("events %v", v)
	}
	if got.Status.Message != "connect" || got.Status.Code.String() != "STATUS_CODE_ERROR" {
		t.Errorf("status %v", got.Status)
	}
}

// TestTextsOfAnybody: a receiver refuses a whole request for one that is no UTF-8.
func TestTextsOfAnybody(t *testing.T) {
	r := otlptest.Listen(t)
	e := exporter(t, options(r.URL))
	texts := map[string]string{
		"a\xffb\xc3":                       "a\ufffdb\ufffd",
		"\xed\xa0\x80":                     "\ufffd\ufffd\ufffd",
		"\x00\n\x7f":                       "\x00\n\x7f",
		"ü€😀":                              "ü€😀",
		strings.Repeat("x", 5000):          strings.Repeat("x", 2048),
		strings.Repeat("x", 2047) + "ü":    strings.Repeat("x", 2047),
		strings.Repeat("\xff", 3000):       strings.Repeat("\ufffd", 682),
		strings.Repeat("x", 2045) + "\xff": strings.Repeat("x", 2045) + "\ufffd",
	}
	for in := range texts {
		s := otlp.New(&context1, otlp.Server)
		s.NameBytes([]byte(in))
		s.Bytes("v", []byte(in))
		s.Text("same", in)
		e.Add(s)
	}
	until(t, e, otlp.Counts{Sent: uint64(len(texts))})
	seen := map[string]bool{}
	for _, s := range r.Spans() {
		if a := s.Attributes(); a["v"] != s.Name || a["same"] != s.Name {
			t.Errorf("%q and %q", s.Name, a)
		}
		seen[s.Name] = true
	}
	for in, want := range texts {
		if !seen[want] {
			t.Errorf("%.40q did not come as %.40q", in, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("name", []byte("\xff\xc3ü"))
	f.Fuzz(func(t *testing.T, key string, v []byte) {
		if !utf8.ValidString(key) {
			return // ours
		}
		e := otlp.NewExporter(nil)
		s := otlp.New(&context1, otlp.Server)
		s.Bytes(key, v)
		s.NameBytes(v)
		if !otlptest.Valid(otlp.Message(s)) {
			t.Fatalf("%q = %q is no message", key, v)
		}
		e.Add(s)
	})
}
