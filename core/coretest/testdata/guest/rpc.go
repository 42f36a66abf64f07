package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("rpc", newRPC) }

// rpc asks a gRPC service of the cluster "auth": /call/NAME asks once and shows the
// upstream the answer in x-answer, /echo/N sends N messages and answers with all
// that came back.
type rpc struct{ timeout string }

func newRPC(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	return &rpc{c["timeout"]}, err
}

func (p *rpc) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	path := string(s.Path())
	if n, ok := cut(path, "/echo/"); ok {
		count, _ := strconv.Atoi(n)
		e := &echo{s: s}
		st, err := s.OpenRPC(sdk.RPC{Cluster: "auth", Service: "test.Service", Method: "Echo", Metadata: []sdk.Field{{Name: "x-sent", Value: n}}}, e)
		if err != nil {
			s.Reply(sdk.Reply{Status: 500, Body: err.Error()})
			return sdk.Pause
		}
		for i := range count {
			_ = st.Send("message "+strconv.Itoa(i), i == count-1)
		}
		return sdk.Pause
	}
	method, ok := cut(path, "/call/")
	if !ok {
		return sdk.Continue
	}
	timeout, _ := duration(p.timeout)
	err := s.RPC(sdk.RPC{Cluster: "auth", Service: "test.Service", Method: method, Message: "question", Timeout: timeout}, func(a *sdk.RPCAnswer) {
		if a.Status != 0 {
			s.Reply(sdk.Reply{Status: 403, Body: strconv.Itoa(int(a.Status)) + " " + a.Text})
			return
		}
		s.Request().Set("x-answer", string(a.Message))
		s.ContinueRequest()
	})
	if err != nil {
		s.Reply(sdk.Reply{Status: 500, Body: err.Error()})
	}
	return sdk.Pause
}

// echo collects what comes of a stream.
type echo struct {
	s   *sdk.Stream
	got string
}

func (e *echo) OnMetadata(_ *sdk.RPCStream, h sdk.Headers) {
	v, _ := h.GetString("x-seen")
	e.got += "seen " + v + "\n"
}
func (e *echo) OnMessage(_ *sdk.RPCStream, message []byte) { e.got += string(message) + "\n" }
func (e *echo) OnTrailers(_ *sdk.RPCStream, h sdk.Headers) {
	v, _ := h.GetString("x-count")
	e.got += "count " + v + "\n"
}
func (e *echo) OnClose(_ *sdk.RPCStream, status uint32, text string) {
	e.s.Reply(sdk.Reply{Status: 200, Body: e.got + "closed " + strconv.Itoa(int(status)) + " " + text})
}

// cut is what stands behind a prefix.
func cut(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return "", false
	}
	return s[len(prefix):], true
}
