// Command grpc-callout is a filter that asks a service whether a request may
// pass: a gRPC call, during which the request waits.
//
// The service is shop.Auth of auth.proto. Status OK is a yes, and the user that it
// names goes on upstream in a header. PERMISSION_DENIED and UNAUTHENTICATED are a
// 403 for the client, anything else a 503: nothing passes without a yes.
package main

import "github.com/weirproxy/weir/sdk"

func main() {} // not called: a module is a library

func init() { sdk.Register("grpc-callout", New) }

// The statuses of gRPC that are an answer.
const (
	statusOK               = 0
	statusPermissionDenied = 7
	statusUnauthenticated  = 16
)

type filter struct{ settings }

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	c, err := parse(string(r.Config()))
	return &filter{c}, err
}

// OnRequestHeaders asks, and holds the request back until there is an answer.
func (f *filter) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	// Who the client is only the service says, never the client.
	s.Request().Del(f.header)
	token, _ := s.Request().GetString("authorization")
	call := sdk.RPC{
		Cluster: f.cluster, Service: "shop.Auth", Method: "Check",
		Message: question(token, string(s.Path())), Timeout: f.timeout,
	}
	err := s.RPC(call, func(a *sdk.RPCAnswer) { f.answered(s, a) })
	if err != nil {
		sdk.Error("asking ", f.cluster, ": ", err.Error())
		unavailable(s)
	}
	return sdk.Pause
}

func (f *filter) answered(s *sdk.Stream, a *sdk.RPCAnswer) {
	switch a.Status {
	case statusOK:
		user, ok := user(a.Message)
		if !ok {
			sdk.Error("the answer of ", f.cluster, " is no CheckAnswer")
			unavailable(s)
			return
		}
		if user != "" {
			s.Request().Set(f.header, user)
		}
		s.ContinueRequest()
	case statusPermissionDenied, statusUnauthenticated:
		s.Reply(sdk.Reply{Status: 403, Body: "forbidden\n", Details: "auth_denied"})
	default:
		unavailable(s)
	}
}

func unavailable(s *sdk.Stream) {
	s.Reply(sdk.Reply{Status: 503, Body: "authorization is not available\n", Details: "auth_unavailable"})
}
