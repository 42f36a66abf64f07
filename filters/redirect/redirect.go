// Package redirect is the filter "redirect": it answers requests with another
// address for the client to go to.
//
// Start at [New].
package redirect

import (
	"bytes"

	"github.com/weirproxy/weir/filters/internal/prefix"
	"github.com/weirproxy/weir/filters/internal/regex"
	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("redirect", New) }

// filter is one configuration.
type filter struct {
	status    int
	scheme    string // "" for the request's
	host      string // with its port, if it has one; "" for the request's
	port      string // "" for none given
	kind      pathKind
	path      string
	prefix    prefix.Change
	regex     regex.Change
	dropQuery bool

	location []byte // callbacks do not overlap
	changed  []byte
	field    [1]sdk.Field

	sent, refused sdk.Counter
}

// pathKind is what becomes of the path.
type pathKind uint8

const (
	keepPath pathKind = iota
	setPath
	replacePrefix
	replaceMatches
)

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{status: 302}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.sent = sdk.NewCounter("redirect_sent_total")
	f.refused = sdk.NewCounter("redirect_refused_total")
	return f, nil
}

// OnRequestHeaders redirects. A request that is where it should be already, or
// that the prefix or the expression does not match, goes on.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	target := s.Path()
	path, query, _ := bytes.Cut(target, question)
	path, applies, err := f.newPath(path)
	if err == nil && applies {
		if f.dropQuery {
			query = nil
		}
		applies, err = f.locate(s, target, path, query)
	}
	switch {
	case err != nil:
		f.refused.Add(1)
		s.Reply(sdk.Reply{Status: 400, Details: "redirect_refused", Body: "this address cannot be served\n"})
		return sdk.Pause
	case !applies:
		return sdk.Continue
	}
	f.sent.Add(1)
	f.field[0] = sdk.Field{Name: "location", Value: sdk.View(f.location)}
	s.Reply(sdk.Reply{Status: f.status, Headers: f.field[:], Details: "redirect"})
	return sdk.Pause
}

var question = []byte("?")

// newPath is where a path leads, and whether it leads anywhere else.
func (f *filter) newPath(path []byte) (to []byte, applies bool, err error) {
	switch f.kind {
	case setPath:
		f.changed = append(f.changed[:0], f.path...)
		return f.changed, true, nil
	case replacePrefix:
		f.changed, applies = f.prefix.Append(f.changed[:0], path)
		return f.changed, applies, nil
	case replaceMatches:
		if applies, err = f.regex.Pattern.Match(path); err != nil || !applies {
			return nil, false, err
		}
		to, err = f.regex.Pattern.Replace(path, f.regex.With)
		return to, true, err
	}
	return path, true, nil
}
