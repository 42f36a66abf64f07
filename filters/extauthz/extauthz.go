// Package extauthz is the filter "extauthz": it asks an HTTP service about each
// request. What the service allows goes on, with headers of its answer; what it
// denies is answered as it says.
//
// Start at [New].
package extauthz

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("extauthz", New) }

// filter is one configuration.
type filter struct {
	cluster                 string
	scheme, authority, path string // of the service's URL
	timeout                 time.Duration

	appendPath bool   // the client's path follows ours
	clientHost bool   // the client's host stands in the place of the service's
	method     string // "" for the client's
	forwarded  bool
	every      bool // all of the client's fields go along
	request    []string
	extra      []extra
	body       int64
	cut        bool // a longer body is cut, not refused
	upstream   []string
	client     []string
	answerBody int64
	identity   string
	open       bool // a service that fails lets requests through
	failed     int  // status when it does not
	fields     []sdk.Field
	buf        []byte // values that are put together; callbacks do not overlap

	allowed, denied, failures, unchecked sdk.Counter
}

// extra is a field of the question that is ours.
type extra struct {
	name  string
	value template.Template
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("extauthz_allowed_total")
	f.denied = sdk.NewCounter("extauthz_denied_total")
	f.failures = sdk.NewCounter("extauthz_failures_total")
	f.unchecked = sdk.NewCounter("extauthz_unchecked_total")
	f.order()
	if f.body > 0 {
		return withBody{f}, nil
	}
	return f, nil
}

// order says what later filters are told, and what the question needs of those before.
func (f *filter) order() {
	var order weir.Order
	if f.identity != "" {
		order.Sets(template.Identity)
	}
	for i := range f.extra {
		f.extra[i].value.Properties(order.Reads)
	}
	order.Declare()
}

// OnRequestHeaders asks the service and waits.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if !f.ask(s, "", false) {
		return f.fail(s)
	}
	return sdk.Pause
}

// OnHTTPCall gets the service's answer.
func (f *filter) OnHTTPCall(s *sdk.Stream, _ uint32, r *sdk.CallResponse) {
	if f.decide(s, r) == sdk.Continue {
		_ = s.ContinueRequest()
	}
}
