package extauthz

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
)

// withBody is the filter where the service is given the body too. The head
// waits while the body comes, which the filter's on_pause sees to.
type withBody struct{ *filter }

// NewStream makes the state of a request.
func (w withBody) NewStream() any { return &question{filter: w.filter} }

// question is a request whose body is being gathered.
type question struct {
	*filter
	asked    bool
	answered bool // and allowed
}

// Reset makes it ready for the next request.
func (q *question) Reset() { q.asked, q.answered = false, false }

// OnRequestHeaders asks at once if there is no body, and refuses one that says
// that it is too long.
func (q *question) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	if end {
		return q.question(s, nil, false)
	}
	if size, ok := s.Request().Get("content-length"); ok && !q.cut {
		if n, err := strconv.ParseInt(string(size), 10, 64); err != nil || n > q.body {
			return q.tooLarge(s)
		}
	}
	return sdk.Pause
}

// OnRequestBody asks once all has come, or more than the service is given.
func (q *question) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	switch {
	case q.answered:
		return sdk.Continue
	case q.asked:
		return sdk.Pause
	case int64(size) > q.body && !q.cut:
		return q.tooLarge(s)
	case int64(size) <= q.body && !end:
		return sdk.Pause
	}
	body, err := s.RequestBody().Slice(0, int(min(int64(size), q.body)))
	if err != nil {
		return q.fail(s)
	}
	return q.question(s, body, int64(size) > q.body)
}

// OnRequestTrailers comes behind a body that has not ended by itself.
func (q *question) OnRequestTrailers(s *sdk.Stream) sdk.Action {
	switch {
	case q.answered:
		return sdk.Continue
	case q.asked:
		return sdk.Pause
	}
	body, err := s.RequestBody().Slice(0, int(q.body))
	if err != nil {
		return q.fail(s)
	}
	return q.question(s, body, false)
}

func (q *question) question(s *sdk.Stream, body []byte, partial bool) sdk.Action {
	q.asked = true
	if !q.ask(s, sdk.View(body), partial) {
		return q.let(q.fail(s))
	}
	return sdk.Pause
}

// OnHTTPCall gets the service's answer.
func (q *question) OnHTTPCall(s *sdk.Stream, _ uint32, r *sdk.CallResponse) {
	if q.let(q.decide(s, r)) == sdk.Continue {
		_ = s.ContinueRequest()
	}
}

// let notes that the request goes on.
func (q *question) let(a sdk.Action) sdk.Action {
	q.answered = a == sdk.Continue
	return a
}

func (q *question) tooLarge(s *sdk.Stream) sdk.Action {
	q.denied.Add(1)
	_ = s.Reply(sdk.Reply{Status: 413, Details: "extauthz_body_too_large", Body: "the body is too large\n"})
	return sdk.Pause
}
