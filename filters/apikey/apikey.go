// Package apikey is the filter "apikey": it lets through requests that carry a
// key it knows, says who they are from, and answers the others itself.
//
// Only digests of keys are kept. A request's key is hashed by the host and
// searched for by its digest, so that the time this takes says nothing about
// the keys. What becomes of a key that is known the host remembers, by a digest too.
//
// Start at [New].
package apikey

import (
	"bytes"

	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("apikey", New) }

// filter is one configuration.
type filter struct {
	place          credential.Place
	strip          bool
	identityHeader string
	challenge      string // of a request without a key
	refusal        string // of one with a wrong key
	keys           keys
	access         []access
	recalls        bool // the host remembers keys

	allowed, missing, unknown, forbidden sdk.Counter
}

// New makes the filter. It needs a host that hashes.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if _, err := weir.Hash(weir.SHA256, nil); err != nil {
		return nil, failure("the host has no weir.hash (" + err.Error() + "); apikey runs in Weir only")
	}
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("apikey_allowed_total")
	f.missing = sdk.NewCounter("apikey_missing_total")
	f.unknown = sdk.NewCounter("apikey_unknown_total")
	f.forbidden = sdk.NewCounter("apikey_forbidden_total")
	f.recalls = f.recall()
	var order weir.Order
	order.Sets(template.Identity)
	order.Declare()
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders decides. What is not allowed is answered: there is no way
// through but by a key.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	key, ok := f.place.Find(s)
	if !ok {
		return f.refuse(s, f.missing, 401, f.challenge, "apikey_missing", "this needs an API key\n")
	}
	e, err := f.lookup(key)
	switch {
	case !f.strip && f.several(s, key):
		return f.refuse(s, f.unknown, 400, "", "apikey_several", "only one API key may be sent\n")
	case err != nil:
		return f.refuse(s, f.unknown, 503, "", "apikey_unavailable", "the API key cannot be checked now\n")
	case e == nil:
		return f.refuse(s, f.unknown, 401, f.refusal, "apikey_unknown", "the API key is not valid\n")
	case !f.access[e.access].allows(s):
		return f.refuse(s, f.forbidden, 403, "", "apikey_forbidden", "the API key does not allow this\n")
	}
	name := f.keys.name(e)
	if f.recalls {
		f.remember(name)
	}
	if f.strip {
		f.place.Remove(s)
	}
	if f.identityHeader != "" && s.Request().Set(f.identityHeader, name) != nil {
		// Nobody must mistake the client's own for it.
		return f.refuse(s, f.unknown, 503, "", "apikey_unavailable", "the API key cannot be checked now\n")
	}
	_ = sdk.SetProperty(template.Identity, name)
	f.allowed.Add(1)
	return sdk.Continue
}

// several says whether the request carries another key beside this one: an upstream
// that is shown both could go by the other.
func (f *filter) several(s *sdk.Stream, key []byte) bool {
	only, n := f.place.Only(s)
	return n != credential.One || !bytes.Equal(only, key)
}

// lookup finds the entry of a key, nil if there is none.
func (f *filter) lookup(key []byte) (*entry, error) {
	if len(key) > maxKey {
		return nil, nil
	}
	sum, err := weir.Hash(weir.SHA256, key)
	if err != nil || len(sum) != 32 {
		return nil, sdk.ErrInternal
	}
	return f.keys.find(digestOf(sum)), nil
}

func (f *filter) refuse(s *sdk.Stream, c sdk.Counter, status int, challenge, details, body string) sdk.Action {
	c.Add(1)
	r := sdk.Reply{Status: status, Details: details, Body: body}
	if challenge != "" {
		h := [1]sdk.Field{{Name: "www-authenticate", Value: challenge}}
		r.Headers = h[:]
	}
	s.Reply(r)
	return sdk.Pause
}
