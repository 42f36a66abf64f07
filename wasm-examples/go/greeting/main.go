// Command greeting is a filter of TCP connections: the first line that a client
// sends must be the one of the configuration, which the upstream does not get. What
// says something else is closed.
package main

import (
	"bytes"
	"errors"

	"github.com/weirproxy/weir/sdk"
)

func main() {} // not called: a module is a library

func init() { sdk.Register("greeting", New) }

type filter struct{ line []byte }

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	line := bytes.TrimSpace(r.Config())
	if len(line) == 0 || bytes.ContainsAny(line, "\r\n") {
		return nil, errors.New("give the one line that clients begin with")
	}
	return &filter{line: append(bytes.Clone(line), '\n')}, nil
}

// NewStream makes what is kept of a connection.
func (f *filter) NewStream() any { return &connection{filter: f} }

type connection struct {
	filter  *filter
	greeted bool
}

// Reset lets it serve the next connection.
func (c *connection) Reset() { c.greeted = false }

// OnDownstreamData looks at the first line, once it is whole.
func (c *connection) OnDownstreamData(s *sdk.Stream, size int, end bool) sdk.Action {
	if c.greeted {
		return sdk.Continue
	}
	got, err := s.Downstream().Bytes()
	want := c.filter.line
	switch {
	case err == nil && bytes.HasPrefix(got, want):
		c.greeted = true
		if err := s.Downstream().Splice(0, len(want), nil); err == nil {
			return sdk.Continue
		}
	case err == nil && !end && bytes.HasPrefix(want, got):
		return sdk.Pause // shown again, with what comes
	}
	sdk.Warn("closing a connection that does not begin with the greeting")
	if err := s.CloseConnection(); err != nil {
		sdk.Error("closing a connection: ", err.Error())
	}
	return sdk.Pause
}
