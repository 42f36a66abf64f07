// Package split is the filter "split": it chooses the cluster of a request among
// several, by weight, by a header or a cookie, and for each client the same
// where that is wanted. Canary and rainbow deployments are its use.
//
// Start at [New].
package split

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("split", New) }

// filter is one configuration.
type filter struct {
	targets []target
	matches []match
	by      key
	sticky  *sticky // nil for none
	random  random
	unknown sdk.Counter
}

// target is a cluster that requests can go to.
type target struct {
	cluster string
	weight  float64
	seed    uint64 // tells it from the others when clients are shared out
	token   string // that a sticky client's cookie has
	cookie  string // the whole value of set-cookie
	chosen  sdk.Counter
}

// New makes the filter. It needs a host that lets filters choose clusters.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, failure("the host has no weir.cluster; split runs in Weir only")
	}
	f := &filter{}
	name, _ := sdk.Property("plugin_name")
	if err := f.read(r.Config(), string(name)); err != nil {
		return nil, err
	}
	seed, err := weir.Random(8)
	if err != nil {
		return nil, failure("the host has no random bytes: " + err.Error())
	}
	f.random = random(hash(seed, 0))
	for i := range f.targets {
		t := &f.targets[i]
		t.seed = hash([]byte(t.cluster), 0)
		t.chosen = sdk.NewCounter(`split_requests_total{cluster="` + t.cluster + `"}`)
	}
	f.unknown = sdk.NewCounter("split_unknown_total")
	f.order()
	if f.sticky != nil {
		return &keeping{f}, nil
	}
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders chooses.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	i, ok := f.matched(s)
	if !ok {
		i = f.draw(s)
	}
	f.send(i)
	return sdk.Continue
}

// draw chooses by weight: for the same client the same, if it has a key.
func (f *filter) draw(s *sdk.Stream) int {
	if v := f.by.of(s); len(v) > 0 {
		return f.rendezvous(hash(v, 0))
	}
	return f.rendezvous(f.random.next())
}

// send says where the request goes. A cluster that the proxy does not have
// leaves it to the route.
func (f *filter) send(i int) {
	t := &f.targets[i]
	if sdk.SetProperty("weir.cluster", t.cluster) != nil {
		f.unknown.Add(1)
		sdk.Error("cluster ", t.cluster, " is not in the proxy's configuration; the request goes where its route says")
		return
	}
	t.chosen.Add(1)
}

// keeping is a filter with sticky clients.
type keeping struct{ f *filter }

// NewStream is the state of a stream.
func (k *keeping) NewStream() any { return &kept{f: k.f} }

// kept knows what to tell the client.
type kept struct {
	f   *filter
	set *target // nil for nothing
}

func (k *kept) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	f := k.f
	i, ok := f.matched(s)
	if !ok {
		if i, ok = f.remembered(s); !ok {
			i = f.draw(s)
			k.set = &f.targets[i]
		}
	}
	f.send(i)
	return sdk.Continue
}

func (k *kept) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if k.set != nil {
		s.Response().Add("set-cookie", k.set.cookie)
	}
	return sdk.Continue
}

// Reset forgets the stream.
func (k *kept) Reset() { k.set = nil }
