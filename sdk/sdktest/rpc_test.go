package sdktest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func init() {
	sdk.Register("test-rpc", func(r *sdk.Root) (sdk.Plugin, error) { return new(asker), nil })
}

// asker asks a gRPC service about each request, and has one report of all.
type asker struct{ report *sdk.RPCStream }

func (a *asker) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	if path := string(s.Path()); path == "/watch" {
		st, err := s.OpenRPC(sdk.RPC{Cluster: "auth", Service: "shop.Auth", Method: "Watch", Metadata: sdktest.H("x-a", "1")}, a)
		if err != nil {
			s.Reply(sdk.Reply{Status: 500, Body: err.Error()})
			return sdk.Pause
		}
		a.report = st
		_ = st.Send("one", false)
		_ = st.Send("two", true)
		return sdk.Pause
	}
	err := s.RPC(sdk.RPC{Cluster: "auth", Service: "shop.Auth", Method: "Check", Message: string(s.Path())}, func(r *sdk.RPCAnswer) {
		if r.Status != 0 {
			s.Reply(sdk.Reply{Status: 403, Body: strconv.Itoa(int(r.Status)) + " " + r.Text})
			return
		}
		s.Request().Set("x-user", string(r.Message))
		s.ContinueRequest()
	})
	if err != nil {
		s.Reply(sdk.Reply{Status: 500, Body: err.Error()})
	}
	return sdk.Pause
}

func (a *asker) OnMetadata(_ *sdk.RPCStream, h sdk.Headers) {
	v, _ := h.GetString("x-b")
	sdk.Info("metadata ", v)
}
func (a *asker) OnMessage(st *sdk.RPCStream, message []byte) {
	sdk.Info("message ", string(message))
	if string(message) == "stop" {
		_ = st.Cancel()
	}
}
func (a *asker) OnTrailers(_ *sdk.RPCStream, h sdk.Headers) {
	v, _ := h.GetString("x-t")
	sdk.Info("trailers ", v)
}
func (a *asker) OnClose(_ *sdk.RPCStream, status uint32, text string) {
	sdk.Info("closed ", strconv.Itoa(int(status)), " ", text)
}

func TestRPC(t *testing.T) {
	h, _ := sdktest.Start(t, "test-rpc", sdktest.Options{Calls: []string{"auth"}})
	s := h.Stream(sdktest.Request{Path: "/a"})
	c := h.RPCs()[0]
	if c.Service != "shop.Auth" || c.Method != "Check" || strings.Join(c.Sent, "|") != "/a" || !c.Ended || c.Stream {
		t.Errorf("%+v", c)
	}
	if !s.Paused() {
		t.Error("the request does not wait")
	}
	c.Message("ada")
	if len(h.RPCs()) != 0 || s.Paused() || s.Upstream().Get("x-user") != "ada" {
		t.Errorf("the call has not ended: %+v", s.Upstream())
	}
	s = h.Stream(sdktest.Request{Path: "/b"})
	h.RPCs()[0].Close(7, "no")
	if !s.Local() || s.Downstream().Status() != 403 {
		t.Errorf("not refused: %+v", s.Downstream())
	}
}

func TestRPCStream(t *testing.T) {
	h, _ := sdktest.Start(t, "test-rpc", sdktest.Options{Calls: []string{"auth"}})
	h.Stream(sdktest.Request{Path: "/watch"})
	c := h.RPCs()[0]
	if strings.Join(c.Sent, "|") != "one|two" || !c.Ended || !c.Stream || c.Metadata[0].Value != "1" {
		t.Errorf("%+v", c)
	}
	c.Receive(sdktest.H("x-b", "2")...)
	c.Message("m")
	c.Close(5, "none", sdktest.H("x-t", "3")...)
	want := "info: metadata 2|info: message m|info: trailers 3|info: closed 5 none"
	if got := strings.Join(h.Logs(), "|"); got != want {
		t.Errorf("logged %q, want %q", got, want)
	}
	h.Stream(sdktest.Request{Path: "/watch"})
	h.RPCs()[0].Message("stop")
	if len(h.RPCs()) != 0 {
		t.Error("a call that was given up goes on")
	}
}
