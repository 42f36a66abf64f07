package grpc_test

import (
	"testing"

	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
)

func TestCodes(t *testing.T) {
	for c := grpc.OK; c < grpc.NumCodes; c++ {
		if got := grpc.Parse([]byte(c.Text())); got != c {
			t.Errorf("%v is written %q and read as %v", c, c.Text(), got)
		}
		if got := grpc.Named(c.String()); got != c {
			t.Errorf("%d is called %q, which is %d", c, c, got)
		}
		if !grpc.Set(0).With(c).Has(c) || grpc.Set(0).Has(c) {
			t.Errorf("a set does not know whether it has %v", c)
		}
	}
	if grpc.None.String() != "none" || grpc.Named("none") != grpc.None || grpc.Set(1<<32-1).Has(grpc.None) {
		t.Error("None is taken for a status")
	}
	for _, text := range []string{"", "17", "-1", "+1", " 1", "1 ", "0x1", "99999999999999999999", "OK"} {
		if got := grpc.Parse([]byte(text)); got != grpc.Unknown {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestStatusOf(t *testing.T) {
	var h stream.Headers
	if grpc.StatusOf(nil) != grpc.None || grpc.StatusOf(&h) != grpc.None {
		t.Error("a status where there is none")
	}
	h.AddString("grpc-status", "14")
	if got := grpc.StatusOf(&h); got != grpc.Unavailable {
		t.Errorf("%v, want unavailable", got)
	}
}

func TestFromHTTP(t *testing.T) {
	want := map[int]grpc.Code{
		400: grpc.Internal, 401: grpc.Unauthenticated, 403: grpc.PermissionDenied, 404: grpc.Unimplemented,
		429: grpc.Unavailable, 502: grpc.Unavailable, 503: grpc.Unavailable, 504: grpc.Unavailable,
	}
	for status := 100; status < 600; status++ {
		w, ok := want[status]
		if !ok {
			w = grpc.Unknown
		}
		if got := grpc.FromHTTP(status); got != w {
			t.Errorf("%d: %v, want %v", status, got, w)
		}
	}
}

func TestIsCall(t *testing.T) {
	for _, c := range []struct {
		method, contentType string
		want                bool
	}{
		{"POST", "application/grpc", true}, {"POST", "application/grpc+proto", true}, {"POST", "application/grpc;x=y", true},
		{"GET", "application/grpc", false}, {"POST", "application/grpc-web", false}, {"POST", "application/grpcx", false},
		{"POST", "application/grp", false}, {"POST", "", false}, {"", "application/grpc", false},
	} {
		h := &stream.RequestHead{Method: []byte(c.method)}
		h.Headers.AddString("content-type", c.contentType)
		if got := grpc.IsCall(h); got != c.want {
			t.Errorf("%s %q: %v", c.method, c.contentType, got)
		}
	}
}

func TestMessages(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "not found": "not found", "100 %": "100 %25", "a\r\nb": "a%0D%0Ab", "ä~\x7f": "%C3%A4~%7F", "\x00": "%00",
	} {
		if got := string(grpc.AppendMessage(nil, text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := string(grpc.AppendMessage([]byte("x"), []byte(text))); got != "x"+want {
			t.Errorf("appended %q: %q", text, got)
		}
	}
}
