// Command doomed is the module of the filters that guard something, of which each
// fails where a request asks for it: by a trap, by computing for ever, by taking all
// memory. Their root ids are those of the built-in ones with "doomed-" before.
package main

import (
	"github.com/weirproxy/weir/filters/apikey"
	"github.com/weirproxy/weir/filters/authz"
	"github.com/weirproxy/weir/filters/basicauth"
	"github.com/weirproxy/weir/filters/cors"
	"github.com/weirproxy/weir/filters/extauthz"
	"github.com/weirproxy/weir/filters/ipfilter"
	"github.com/weirproxy/weir/filters/jwt"
	"github.com/weirproxy/weir/filters/ratelimit"
	"github.com/weirproxy/weir/sdk"
)

func init() {
	for name, factory := range map[string]sdk.Factory{
		"apikey": apikey.New, "authz": authz.New, "basicauth": basicauth.New, "cors": cors.New,
		"extauthz": extauthz.New, "ipfilter": ipfilter.New, "jwt": jwt.New, "ratelimit": ratelimit.New,
	} {
		sdk.Register("doomed-"+name, func(r *sdk.Root) (sdk.Plugin, error) {
			p, err := factory(r)
			if err != nil {
				return nil, err
			}
			return doomed{p}, nil
		})
	}
}

// doomed is a filter that may fail before it looks at a request, and when an answer
// comes that it waits for.
type doomed struct{ filter sdk.Plugin }

func (d doomed) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	fail(s, "x-fail")
	return d.filter.(sdk.RequestHeadersHandler).OnRequestHeaders(s, end)
}

func (d doomed) OnHTTPCall(s *sdk.Stream, call uint32, r *sdk.CallResponse) {
	fail(s, "x-fail-later")
	d.filter.(sdk.HTTPCallHandler).OnHTTPCall(s, call, r)
}

func (d doomed) OnForeign(s *sdk.Stream, function uint32, args []byte) {
	fail(s, "x-fail-later")
	d.filter.(sdk.ForeignHandler).OnForeign(s, function, args)
}

// kept has what cannot be given back.
var kept [][]byte

func fail(s *sdk.Stream, field string) {
	if s == nil {
		return
	}
	switch how, _ := s.Request().Get(field); string(how) {
	case "trap":
		panic("a request asked for it")
	case "fuel":
		for {
			kept = kept[:0]
		}
	case "memory":
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	}
}

// main is not called: the module is a library.
func main() {}
