package trace_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
)

const (
	traceHex = "0af7651916cd43dd8448eb211c80319c"
	spanHex  = "b7ad6b7169203331"
)

// head is fields written as "name: value".
func head(fields ...string) *stream.Headers {
	h := new(stream.Headers)
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		h.AddString(name, value)
	}
	return h
}

// show is a context as text: ids, decision and state; "none" for none.
func show(c trace.Remote) string {
	decision := [...]string{"undecided", "drop", "record", "force"}[c.Decision]
	if !c.Valid() {
		if c.Decision == trace.Undecided {
			return "none"
		}
		return "none, " + decision
	}
	text := hex.EncodeToString(c.Trace[:]) + " " + hex.EncodeToString(c.Span[:]) + " " + decision
	if len(c.State) > 0 {
		text += " " + string(c.State)
	}
	return text
}

const both = traceHex + " " + spanHex

func TestExtract(t *testing.T) {
	w3c := "traceparent: 00-" + traceHex + "-" + spanHex
	many := strings.Repeat("a=1,", 31) + "b=2"
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{nil, "none"},
		{[]string{w3c + "-01"}, both + " record"},
		{[]string{w3c + "-00"}, both + " drop"},
		{[]string{w3c + "-03"}, both + " record"},
		{[]string{"traceparent: cc-" + traceHex + "-" + spanHex + "-01-what-the-future-will-bring"}, both + " record"},
		{[]string{"traceparent: cc-" + traceHex + "-" + spanHex + "-01"}, both + " record"},
		// Malformed: the trace begins anew.
		{[]string{"traceparent: cc-" + traceHex + "-" + spanHex + "-01.x"}, "none"},
		{[]string{w3c + "-01-more"}, "none"},
		{[]string{"traceparent: ff-" + traceHex + "-" + spanHex + "-01"}, "none"},
		{[]string{"traceparent: 00-" + strings.ToUpper(traceHex) + "-" + spanHex + "-01"}, "none"},
		{[]string{"traceparent: 00-" + strings.Repeat("0", 32) + "-" + spanHex + "-01"}, "none"},
		{[]string{"traceparent: 00-" + traceHex + "-0000000000000000-01"}, "none"},
		{[]string{"traceparent: 00-" + traceHex + "-" + spanHex + "-0x"}, "none"},
		{[]string{"traceparent: 00-" + traceHex + "-" + spanHex}, "none"},
		{[]string{"traceparent: 00_" + traceHex + "-" + spanHex + "-01"}, "none"},
		{[]string{"traceparent: "}, "none"},
		{[]string{w3c + "-01", w3c + "-01"}, "none"},
		{[]string{"traceparent: x", "b3: " + traceHex + "-" + spanHex + "-1"}, "none"},
		// State.
		{[]string{w3c + "-01", "tracestate: rojo=00f067,congo=t61"}, both + " record rojo=00f067,congo=t61"},
		{[]string{w3c + "-01", "tracestate: a=1", "tracestate: b@c=2", "tracestate: d=3"}, both + " record a=1,b@c=2,d=3"},
		{[]string{w3c + "-01", "tracestate: a=1 , ,\tb= x y"}, both + " record a=1 , ,\tb= x y"},
		{[]string{w3c + "-01", "tracestate: a=1,a=2"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: A=1"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: a"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: a="}, both + " record"},
		{[]string{w3c + "-01", "tracestate: a=b=c"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: a@b@c=1"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: " + strings.Repeat("k", 257) + "=1"}, both + " record"},
		{[]string{w3c + "-01", "tracestate: " + many}, both + " record"}, // a twice
		{[]string{w3c + "-01", "tracestate: " + members(32)}, both + " record " + members(32)},
		{[]string{w3c + "-01", "tracestate: " + members(33)}, both + " record"},
		{[]string{"tracestate: a=1"}, "none"},
		// B3, one field.
		{[]string{"b3: " + traceHex + "-" + spanHex + "-1"}, both + " record"},
		{[]string{"b3: " + traceHex + "-" + spanHex + "-0-" + spanHex}, both + " drop"},
		{[]string{"b3: " + traceHex + "-" + spanHex + "-d"}, both + " force"},
		{[]string{"b3: " + traceHex + "-" + spanHex}, both + " undecided"},
		{[]string{"b3: 8448eb211c80319c-" + spanHex + "-1"}, "0000000000000000" + "8448eb211c80319c " + spanHex + " record"},
		{[]string{"b3: 0"}, "none, drop"},
		{[]string{"b3: d"}, "none, force"},
		{[]string{"b3: 2"}, "none"},
		{[]string{"b3: " + traceHex + "-" + spanHex + "-x"}, "none"},
		{[]string{"b3: " + traceHex + "-" + spanHex + "-"}, "none"},
		{[]string{"b3: " + traceHex + "-" + spanHex + "-1-12"}, "none"},
		{[]string{"b3: " + traceHex[1:] + "-" + spanHex + "-1"}, "none"},
		{[]string{"b3: 1", "b3: 1"}, "none"},
		// B3, several fields.
		{[]string{"x-b3-traceid: " + traceHex, "x-b3-spanid: " + spanHex, "x-b3-sampled: 1"}, both + " record"},
		{[]string{"x-b3-traceid: " + traceHex, "x-b3-spanid: " + spanHex, "x-b3-sampled: false"}, both + " drop"},
		{[]string{"x-b3-traceid: " + traceHex, "x-b3-spanid: " + spanHex, "x-b3-flags: 1"}, both + " force"},
		{[]string{"x-b3-traceid: " + traceHex, "x-b3-spanid: " + spanHex}, both + " undecided"},
		{[]string{"x-b3-sampled: 0"}, "none, drop"},
		{[]string{"x-b3-sampled: yes"}, "none"},
		{[]string{"x-b3-traceid: " + traceHex}, "none"},
		{[]string{"x-b3-traceid: " + traceHex, "x-b3-traceid: " + traceHex, "x-b3-spanid: " + spanHex}, "none"},
		{[]string{"b3: 0", "x-b3-sampled: 1"}, "none, drop"},
	} {
		got, _ := trace.Extract(head(c.fields...), stream.AllTraceFormats, nil)
		if show(got) != c.want {
			t.Errorf("%.120q: %.200s, want %.200s", c.fields, show(got), c.want)
		}
	}
}

func members(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("k%d=%d", i, i))
	}
	return strings.Join(list, ",")
}

// TestOnlyTheFormatsThatAreAskedFor are read, and written.
func TestOnlyTheFormatsThatAreAskedFor(t *testing.T) {
	c := stream.TraceContext{Trace: stream.NewTraceID(), Span: stream.NewSpanID(), Sampled: true, State: []byte("a=1")}
	for _, f := range []stream.TraceFormats{stream.TraceW3C, stream.TraceB3, stream.TraceB3Multi} {
		h := new(stream.Headers)
		c.Formats = f
		trace.Inject(h, &c)
		for _, asked := range []stream.TraceFormats{stream.TraceW3C, stream.TraceB3, stream.TraceB3Multi} {
			got, _ := trace.Extract(h, asked, nil)
			if (asked == f) != (got.Trace == c.Trace && got.Span == c.Span && got.Decision == trace.Record) {
				t.Errorf("written as %b, read as %b: %s", f, asked, show(got))
			}
			if asked == stream.TraceW3C && f == asked && string(got.State) != "a=1" {
				t.Errorf("the state is %q", got.State)
			}
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("traceparent", "00-"+traceHex+"-"+spanHex+"-01", "tracestate", "a=1,b=2")
	f.Add("b3", traceHex+"-"+spanHex+"-d-"+spanHex, "x-b3-traceid", traceHex)
	f.Add("x-b3-traceid", traceHex, "x-b3-spanid", spanHex)
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		h := new(stream.Headers)
		h.AddString(name1, value1)
		h.AddString(name2, value2)
		got, _ := trace.Extract(h, stream.AllTraceFormats, nil)
		if got.Sampled && got.Decision < trace.Record {
			t.Fatalf("recorded, but %s", show(got))
		}
		if (got.Trace == stream.TraceID{}) != (got.Span == stream.SpanID{}) {
			t.Fatalf("half of a context: %s", show(got))
		}
		if !got.Valid() {
			return
		}
		out := new(stream.Headers)
		got.Formats = stream.AllTraceFormats
		trace.Inject(out, &got.TraceContext)
		again, _ := trace.Extract(out, stream.TraceW3C, nil)
		if again.Trace != got.Trace || again.Span != got.Span || again.Sampled != got.Sampled || string(again.State) != string(got.State) {
			t.Fatalf("%s came again as %s", show(got), show(again))
		}
	})
}
