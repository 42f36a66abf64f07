// Package cors is the filter "cors": it tells browsers which pages of other
// origins may use what a route serves (Fetch standard, CORS protocol).
//
// Start at [New].
package cors

import "github.com/weirproxy/weir/sdk"

func init() { sdk.Register("cors", New) }

// filter is one configuration.
type filter struct {
	origins     origins
	credentials bool
	private     bool // pages of public networks may ask servers of private ones
	refuse      bool // requests of other origins are answered 403
	methods     string
	headers     string
	expose      string
	maxAge      string // seconds, "" for the browser's own

	declared bool        // the host takes away what upstreams say of it
	fields   []sdk.Field // of a reply; callbacks do not overlap

	preflights, allowed, denied sdk.Counter
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.preflights = sdk.NewCounter("cors_preflights_total")
	f.allowed = sdk.NewCounter("cors_allowed_total")
	f.denied = sdk.NewCounter("cors_denied_total")
	if f.declared = f.declare(); f.declared && f.origins.any {
		return public{f}, nil
	}
	return f, nil
}

// OnRequestHeaders answers preflights: requests that a browser makes to ask for
// leave. Others go on.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	h := s.Request()
	origin, cross := h.Get("origin")
	if !cross {
		return sdk.Continue
	}
	ok := f.origins.allow(origin)
	if ok {
		f.allowed.Add(1)
	} else {
		f.denied.Add(1)
	}
	preflight := string(s.Method()) == "OPTIONS" && h.Has("access-control-request-method")
	switch {
	case preflight:
		f.answer(s, ok)
		return sdk.Pause
	case !ok && f.refuse:
		s.Reply(sdk.Reply{Status: 403, Details: "cors_refused", Body: "requests of this origin are not allowed\n"})
		return sdk.Pause
	}
	return sdk.Continue
}

// answer answers a preflight. Without leave the answer says nothing, so that the
// browser does not make the request that it asked for.
func (f *filter) answer(s *sdk.Stream, ok bool) {
	f.preflights.Add(1)
	f.fields = f.fields[:0]
	f.add("vary", "access-control-request-method, access-control-request-headers")
	if ok {
		f.add("access-control-allow-methods", f.methods)
		f.add("access-control-allow-headers", f.headers)
		f.add("access-control-max-age", f.maxAge)
		if v, asked := s.Request().Get("access-control-request-private-network"); asked && f.private && string(v) == "true" {
			f.add("access-control-allow-private-network", "true")
		}
	}
	s.Reply(sdk.Reply{Status: 204, Headers: f.fields, Details: "cors_preflight"})
}

func (f *filter) add(name, value string) {
	if value != "" {
		f.fields = append(f.fields, sdk.Field{Name: name, Value: value})
	}
}

// OnResponseHeaders gives leave to read the response, that of a preflight too.
func (f *filter) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	h := s.Response()
	if !f.declared {
		f.clean(h)
	}
	if f.origins.any {
		h.Set(allowOrigin, "*")
	} else {
		origin, cross := s.Request().Get("origin")
		if !cross || !f.origins.allow(origin) {
			return sdk.Continue
		}
		h.SetBytes(allowOrigin, origin)
	}
	if f.credentials {
		h.Set(allowCredentials, "true")
	}
	if f.expose != "" {
		h.Set(exposeHeaders, f.expose)
	}
	return sdk.Continue
}
