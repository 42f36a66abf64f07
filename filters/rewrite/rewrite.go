// Package rewrite is the filter "rewrite": it changes the host, the path and
// the query of requests before they go on.
//
// Start at [New].
package rewrite

import (
	"bytes"

	"github.com/weirproxy/weir/filters/internal/prefix"
	"github.com/weirproxy/weir/filters/internal/regex"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("rewrite", New) }

// filter is one configuration.
type filter struct {
	path    pathChange
	query   queryChange
	host    template.Template
	hosts   bool // host is given
	reroute bool

	target  []byte // the new path with its query; callbacks do not overlap
	value   []byte
	changed sdk.Counter
	refused sdk.Counter
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.changed = sdk.NewCounter("rewrite_changed_total")
	f.refused = sdk.NewCounter("rewrite_refused_total")
	var order weir.Order
	f.host.Properties(order.Reads)
	order.Declare()
	if f.declare() {
		return declared{}, nil
	}
	return f, nil
}

// keepRoute has a request go on by the route that it came in by: the proxy would
// choose again after a change.
const keepRoute = "weir.keep_route"

// OnRequestHeaders makes the changes. A request whose new path cannot be is
// answered, for it must not reach an upstream by its old one.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	target, changed, err := f.rewritten(s)
	if err == nil && changed {
		err = s.Request().SetBytes(":path", target)
	}
	if err == nil && f.hosts {
		changed, err = f.setHost(s, changed)
	}
	if err != nil {
		f.refused.Add(1)
		s.Reply(sdk.Reply{Status: 400, Details: "rewrite_refused", Body: "this address cannot be served\n"})
		return sdk.Pause
	}
	if changed {
		f.changed.Add(1)
		if f.reroute {
			sdk.Foreign("clear_route_cache", nil)
		} else {
			_ = sdk.SetProperty(keepRoute, "1") // other hosts keep it by themselves, or choose again
		}
	}
	return sdk.Continue
}

// rewritten is the new path with its query.
func (f *filter) rewritten(s *sdk.Stream) (target []byte, changed bool, err error) {
	if f.path.kind == keepPath && !f.query.any() {
		return nil, false, nil
	}
	old := s.Path()
	path, query, _ := bytes.Cut(old, []byte("?"))
	f.target, err = f.path.append(f.target[:0], path)
	if err != nil {
		return nil, false, err
	}
	if !f.query.any() {
		if len(path) < len(old) {
			f.target = append(f.target, old[len(path):]...)
		}
	} else {
		f.appendQuery(s, query)
	}
	return f.target, !bytes.Equal(f.target, old), nil
}

// setHost sets the authority. One that nothing is known of stays.
func (f *filter) setHost(s *sdk.Stream, changed bool) (bool, error) {
	if v, fixed := f.host.Literal(); fixed {
		return true, s.Request().Set(":authority", v)
	}
	v, known := f.host.Append(f.value[:0], s)
	f.value = v
	if !known {
		return changed, nil
	}
	return true, s.Request().SetBytes(":authority", v)
}

// pathChange is what becomes of the path, without its query.
type pathChange struct {
	kind   pathKind
	prefix prefix.Change
	regex  regex.Change
}

type pathKind uint8

const (
	keepPath pathKind = iota
	replacePrefix
	replaceMatches
)

func (c *pathChange) append(dst, path []byte) ([]byte, error) {
	switch c.kind {
	case replacePrefix:
		dst, _ = c.prefix.Append(dst, path)
		return dst, nil
	case replaceMatches:
		p, err := c.regex.Pattern.Replace(path, c.regex.With)
		switch {
		case err != nil:
			return dst, err
		case climbs(p) && !climbs(path):
			return dst, sdk.ErrBadArgument // the proxy has resolved those that came in
		}
		return append(dst, p...), nil
	}
	return append(dst, path...), nil
}
