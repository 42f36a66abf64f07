package sdktest_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestAttributes(t *testing.T) {
	got := map[string]string{}
	var size, code, took int64
	p := &probe{
		requestHeaders: func(s *sdk.Stream, end bool) sdk.Action {
			for _, path := range [][]string{
				{"request", "path"}, {"request", "url_path"}, {"request", "query"}, {"request", "method"}, {"request", "host"},
				{"request", "scheme"}, {"request", "protocol"}, {"request", "headers", "x-a"}, {"source", "address"},
				{"route_name"}, {"plugin_root_id"}, {"plugin_name"}, {"own"}, {"response", "code"}, {"nobody", "knows"},
			} {
				v, ok := sdk.Property(path...)
				if !ok {
					v = []byte("-")
				}
				got[path[len(path)-1]] = string(v)
			}
			if _, ok := sdk.PropertyInt("request", "duration"); ok {
				t.Error("the duration is known before the end")
			}
			sdk.SetProperty("own", "set")
			v, _ := sdk.Property("own")
			got["own"] += "," + string(v)
			return sdk.Continue
		},
		log: func(s *sdk.Stream) {
			size, _ = sdk.PropertyInt("response", "size")
			code, _ = sdk.PropertyInt("response", "code")
			took, _ = sdk.PropertyInt("request", "duration")
			if v, _ := sdk.Property("response", "headers", "x-b"); string(v) != "2" {
				t.Errorf("a response header is %q", v)
			}
		},
	}
	h := start(t, p, sdktest.Options{Properties: map[string]string{"route_name": "r1", "source.address": "192.0.2.1:80"}})
	s := h.Stream(sdktest.Request{Path: "/a/b?c=d", Method: "PUT", Authority: "h.example", Headers: sdktest.H("x-a", "1"),
		Properties: map[string]string{"route_name": "r2"}})
	h.Advance(time.Millisecond)
	s.Respond(sdktest.Response{Status: 201, Body: "12345", Headers: sdktest.H("x-b", "2")})
	s.Finish()
	for name, want := range map[string]string{
		"path": "/a/b?c=d", "url_path": "/a/b", "query": "c=d", "method": "PUT", "host": "h.example", "scheme": "http",
		"protocol": "HTTP/1.1", "x-a": "1", "address": "192.0.2.1:80", "route_name": "r2", "plugin_root_id": "probe",
		"plugin_name": "test", "own": "-,set", "code": "-", "knows": "-",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if size != 5 || code != 201 || took != int64(time.Millisecond) {
		t.Errorf("size %d, code %d, duration %d", size, code, took)
	}
}

func TestMetricsAnswerAsTheABISays(t *testing.T) {
	made = func(r *sdk.Root) (sdk.Plugin, error) {
		c, g, h := sdk.NewCounter("c"), sdk.NewGauge("g"), sdk.NewHistogram("h")
		if err := c.Add(0); err != sdk.ErrBadArgument {
			t.Errorf("adding nothing to a counter: %v", err)
		}
		c.Add(3)
		g.Set(5)
		g.Add(-7)
		h.Observe(1)
		if v, err := sdk.NewCounter("c").Value(); v != 3 || err != nil {
			t.Errorf("the counter shows %d, %v", v, err)
		}
		if v, err := g.Value(); int64(v) != -2 || err != nil {
			t.Errorf("the gauge shows %d, %v", int64(v), err)
		}
		if err := sdk.SetProperty("a", "b"); err != sdk.ErrNotFound {
			t.Errorf("setting a property of the root: %v", err)
		}
		if string(r.VMConfig()) != "vm" || r.RootID() != "probe" {
			t.Errorf("configuration of the VM %q, root id %q", r.VMConfig(), r.RootID())
		}
		return &probe{}, nil
	}
	sdktest.Start(t, "probe", sdktest.Options{VMConfig: "vm"})
}
