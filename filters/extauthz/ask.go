package extauthz

import (
	"slices"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// partialField tells the service that it was not given the whole body.
const partialField = "x-auth-partial-body"

// forwardedFields are what the service learns of the request, under names that
// are common.
var forwardedFields = [...]string{"x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri", "x-forwarded-for"}

// ask sends the question. It answers false if that cannot be done.
func (f *filter) ask(s *sdk.Stream, body string, partial bool) bool {
	f.fields, f.buf = f.fields[:0], f.buf[:0]
	f.addTarget(s)
	if f.forwarded {
		scheme, _ := s.Request().Get(":scheme")
		for i, v := range [...][]byte{s.Method(), scheme, s.Authority(), s.Path(), weir.ClientIP()} {
			if len(v) > 0 {
				f.add(forwardedFields[i], sdk.View(v))
			}
		}
	}
	for i := range f.extra {
		from := len(f.buf)
		b, known := f.extra[i].value.Append(f.buf, s)
		f.buf = b
		if known || len(b) > from {
			f.add(f.extra[i].name, sdk.View(b[from:]))
		}
	}
	if partial {
		f.add(partialField, "true")
	}
	for name, value := range s.Request().All() {
		if f.goesAlong(sdk.View(name)) {
			f.add(sdk.View(name), sdk.View(value))
		}
	}
	_, err := s.Call(sdk.Call{Cluster: f.cluster, Headers: f.fields, Body: body, Timeout: f.timeout}, nil)
	return err == nil
}

func (f *filter) add(name, value string) {
	f.fields = append(f.fields, sdk.Field{Name: name, Value: value})
}

// addTarget says what is asked of whom.
func (f *filter) addTarget(s *sdk.Stream) {
	method, path, authority := f.method, f.path, f.authority
	if method == "" {
		method = sdk.View(s.Method())
	}
	if f.appendPath {
		f.buf = append(append(f.buf, f.path...), s.Path()...)
		path = sdk.View(f.buf)
	}
	if f.clientHost {
		authority = sdk.View(s.Authority())
	}
	f.add(":method", method)
	f.add(":path", path)
	f.add(":authority", authority)
	f.add(":scheme", f.scheme)
}

// goesAlong says whether a field of the client's goes to the service. What
// frames the client's message, or is ours to say, never does.
func (f *filter) goesAlong(name string) bool {
	if !f.every {
		return slices.Contains(f.request, name)
	}
	return name[0] != ':' && !slices.Contains(withheld[:], name) && !f.ours(name)
}

// withheld are the fields of a message itself (RFC 9110, sections 7.6.1 and 8.6).
var withheld = [...]string{
	"host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade", "expect", "content-length", "accept-encoding",
}

// ours says whether we tell the service of that name.
func (f *filter) ours(name string) bool {
	if name == partialField || f.forwarded && slices.Contains(forwardedFields[:], name) {
		return true
	}
	return slices.ContainsFunc(f.extra, func(e extra) bool { return e.name == name })
}
