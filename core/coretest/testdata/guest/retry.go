package main

import (
	"encoding/hex"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("retry", newRetry) }

// retry asks for the policy that a request's x-policy holds, in hex, as it is; x-late
// holds one that is asked for when the response is there. It tells in x-asked what it was
// answered: the upstream, or the client.
type retry struct{}

func newRetry(*sdk.Root) (sdk.Plugin, error) { return retry{}, nil }

func (retry) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	ask(s.Request(), s.Request(), "x-policy")
	return sdk.Continue
}

func (retry) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	ask(s.Request(), s.Response(), "x-late")
	return sdk.Continue
}

func ask(from, tell sdk.Headers, field string) {
	text, ok := from.GetString(field)
	if !ok {
		return
	}
	policy, err := hex.DecodeString(text)
	if err == nil {
		_, err = sdk.Foreign("weir.retry_policy", policy)
	}
	answer := "ok"
	if err != nil {
		answer = err.Error()
	}
	tell.Set("x-asked", answer)
}
