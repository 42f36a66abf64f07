// Command headers is a filter that sets headers on each request and on its
// response.
//
// The configuration has a line NAME=VALUE for each header, as in "x-edge=paris".
package main

import (
	"errors"
	"strings"

	"github.com/weirproxy/weir/sdk"
)

func main() {} // not called: a module is a library

func init() { sdk.Register("headers", New) }

type filter struct{ fields []sdk.Field }

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := new(filter)
	for line := range strings.SplitSeq(string(r.Config()), "\n") {
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" {
			return nil, errors.New(`no header name before "="; give NAME=VALUE`)
		}
		f.fields = append(f.fields, sdk.Field{Name: name, Value: value})
	}
	if len(f.fields) == 0 {
		return nil, errors.New("it is empty; give NAME=VALUE")
	}
	return f, nil
}

// OnRequestHeaders sets the headers that the service sees.
func (f *filter) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action { return f.set(s.Request()) }

// OnResponseHeaders sets the headers that the client sees.
func (f *filter) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action { return f.set(s.Response()) }

func (f *filter) set(h sdk.Headers) sdk.Action {
	for _, field := range f.fields {
		if err := h.Set(field.Name, field.Value); err != nil {
			sdk.Warn("setting ", field.Name, ": ", err.Error())
		}
	}
	return sdk.Continue
}
