package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("mirror", newMirror) }

// mirror asks for a copy of each request, by its configuration, and tells the
// upstream in x-asked what it was answered.
type mirror struct{ weir.Mirror }

func newMirror(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	if err != nil {
		return nil, err
	}
	timeout, err := duration(c["timeout"])
	if err != nil {
		return nil, err
	}
	bound, _ := strconv.Atoi(c["max_body"])
	return &mirror{weir.Mirror{Cluster: c["cluster"], Host: c["host"], MaxBody: bound, Timeout: timeout}}, nil
}

func (m *mirror) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	answer := "ok"
	if err := m.Ask(); err != nil {
		answer = err.Error()
	}
	s.Request().Set("x-asked", answer)
	return sdk.Continue
}
