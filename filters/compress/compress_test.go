package compress_test

import (
	"strings"
	"testing"

	_ "github.com/weirproxy/weir/filters/compress"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "compress", "testdata") }

var (
	page = sdktest.Response{Headers: sdktest.H("content-type", "text/html"), Body: strings.Repeat("some text ", 50)}
	gzip = sdktest.Request{Headers: sdktest.H("accept-encoding", "gzip")}
)

// TestElsewherePassesBodiesOn, says so once, and costs nothing.
func TestElsewherePassesBodiesOn(t *testing.T) {
	h, ok := sdktest.Start(t, "compress", sdktest.Options{Elsewhere: true})
	if !ok {
		t.Fatal("it refuses other hosts")
	}
	s := h.Stream(gzip)
	s.Respond(page)
	s.Finish()
	if d := s.Downstream(); d.Has("content-encoding") || d.Has("vary") || string(d.Body) != page.Body {
		t.Errorf("it changed the response: %v", d.Headers())
	}
	if logs := h.Logs(); len(logs) != 1 || !strings.Contains(logs[0], "this host encodes no bodies") {
		t.Errorf("logs: %q", logs)
	}
}

func TestTakesPartInResponseHeadersAlone(t *testing.T) {
	h := sdktest.New(t, "compress", "")
	if got := h.Phases(); got != 1<<3 || !h.Stateless() {
		t.Errorf("phases %b, stateless %t", got, h.Stateless())
	}
}

// TestNoRoom: a host whose encoders are all in use gets the body to the client as
// it is.
func TestNoRoom(t *testing.T) {
	begun := false
	h, ok := sdktest.Start(t, "compress", sdktest.Options{Functions: map[string]func([]byte) ([]byte, error){
		"weir.encode": func([]byte) ([]byte, error) {
			if begun {
				return nil, sdk.ErrInternal
			}
			begun = true
			return nil, sdk.ErrBadArgument
		}}})
	if !ok {
		t.Fatal(h.Logs())
	}
	s := h.Stream(gzip)
	s.Respond(page)
	s.Finish()
	if d := s.Downstream(); d.Has("content-encoding") || string(d.Body) != page.Body || d.Get("vary") != "accept-encoding" {
		t.Errorf("the response: %v", d.Headers())
	}
	if h.Metric("compress_refused_total") != 1 || h.Metric("compress_encoded_total") != 0 {
		t.Error("it is not counted")
	}
}

// TestHostileAcceptEncoding is what no client sends.
func TestHostileAcceptEncoding(t *testing.T) {
	for name, c := range map[string]struct{ value, coding string }{
		"10,000 entries":       {strings.Repeat("a,", 9_999) + "gzip", "gzip"},
		"10,000 times the one": {strings.Repeat("gzip;q=0,", 10_000) + "gzip;q=1", ""},
		"8 KiB of one name":    {strings.Repeat("g", 8<<10), ""},
		"8 KiB of commas":      {strings.Repeat(",", 8<<10), ""},
		"8 KiB of blanks":      {strings.Repeat(" ", 8<<10) + "br", "br"},
		"8 KiB of weights":     {"gzip" + strings.Repeat(";q=1", 2<<10), ""},
		"digits without end":   {"gzip;q=0." + strings.Repeat("9", 8<<10), ""},
		"bytes beyond ASCII":   {"gz\xffip, \x00, br\x80;q=1, zstd", "zstd"},
	} {
		s := sdktest.New(t, "compress", "").Stream(sdktest.Request{Headers: sdktest.H("accept-encoding", c.value)})
		s.Respond(page)
		s.Finish()
		if got := s.Downstream().Get("content-encoding"); got != c.coding {
			t.Errorf("%s: %q, want %q", name, got, c.coding)
		}
	}
}
