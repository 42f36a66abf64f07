// Package authz is the filter "authz": it lets through what a rule allows and no
// rule denies, by who sends a request and by what it asks for.
//
// Rules are compiled into a few arrays without pointers. The facts of a request
// are asked of the host when a rule first looks at them. What can be read in
// two ways counts against its sender: it matches rules that deny, and none that
// allows. A verdict that allows is told to the host, which lets what is like the
// request through by itself.
//
// Start at [New].
package authz

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("authz", New) }

// filter is one configuration.
type filter struct {
	rules
	audit    bool
	recalls  bool      // the host remembers verdicts
	verdicts []verdict // of each rule, and of none, which is the last
	facts
}

// verdict is what a rule comes to, made ready for every place where it is told.
type verdict struct {
	rule    string
	allows  bool
	details string
	field   string // of the access log
	count   sdk.Counter
	edits   weir.Edits // what the host does by itself for what is like a request allowed
}

// logField is what the access log calls the verdict.
const logField = "log.authz"

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	f.peerProperty = "connection\x00uri_san_peer_certificate" // the first of several names, elsewhere
	if weir.Here() {
		f.peerProperty = "weir.peer"
	}
	names, err := f.read(r.Config())
	if err != nil {
		return nil, err
	}
	f.ready()
	for i, name := range names {
		f.verdicts = append(f.verdicts, f.verdict(name, i >= f.denials))
	}
	f.verdicts = append(f.verdicts, f.verdict(noRule, false))
	if f.recalls = f.recall(); f.recalls {
		for i := f.denials; i < len(f.verdicts)-1; i++ {
			f.verdicts[i].memorable()
		}
	}
	f.order()
	return f, nil
}

// noRule is what a denial is told by that no rule made. No rule has the name.
const noRule = "default"

func (f *filter) verdict(name string, allows bool) verdict {
	v := verdict{rule: name, allows: allows, details: "authz_denied[" + name + "]"}
	switch {
	case allows:
		v.field, v.count = "allow:"+name, sdk.NewCounter(`authz_allowed_total{rule="`+name+`"}`)
	case f.audit:
		v.field, v.count = "audit:"+name, sdk.NewCounter(`authz_audited_total{rule="`+name+`"}`)
	default:
		v.field, v.count = "deny:"+name, sdk.NewCounter(`authz_denied_total{rule="`+name+`"}`)
	}
	return v
}

// OnRequestHeaders decides.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if v := f.judge(s, false); v != nil {
		s.Reply(sdk.Reply{Status: 403, Details: v.details, Body: "not allowed\n"})
		return sdk.Pause
	}
	return sdk.Continue
}

// OnNewConnection decides about a TCP connection, of which rules know who sends.
func (f *filter) OnNewConnection(s *sdk.Stream) sdk.Action {
	if f.judge(s, true) != nil {
		s.CloseConnection()
		return sdk.Pause
	}
	return sdk.Continue
}

// judge finds the verdict, tells it, and answers it if it is a denial that
// stands.
func (f *filter) judge(s *sdk.Stream, connection bool) *verdict {
	f.begin(s, connection)
	i := f.decide(&f.facts)
	if i < 0 {
		i = len(f.verdicts) - 1
	}
	v := &f.verdicts[i]
	v.count.Add(1)
	sdk.SetProperty(logField, v.field)
	switch {
	case v.allows:
		if f.recalls && !f.beyond {
			v.remember()
		}
		return nil
	case f.audit:
		sdk.Info("audit: would deny by rule ", v.rule)
		return nil
	}
	return v
}
