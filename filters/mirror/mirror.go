// Package mirror is the filter "mirror": it has a share of the requests copied to
// another cluster, to see what a new version makes of them. The host makes and
// sends the copies (weir.mirror); no request waits for one.
//
// Start at [New].
package mirror

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("mirror", New) }

// filter is one configuration.
type filter struct {
	weir.Mirror
	suffix  string // behind the request's host
	methods []string
	every   bool // method
	share   uint64
	always  bool // all requests, not a share
	random  uint64
	host    []byte // of the copy at hand; callbacks do not overlap

	asked, refused sdk.Counter
}

// New makes the filter. It needs a host that copies requests.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	switch err := f.Ask(); err {
	case nil:
	case sdk.ErrNotFound:
		return nil, failure("the host has no weir.mirror; mirror runs in Weir only")
	default:
		return nil, failure("cluster: " + f.Cluster + " is not among the filter's calls; write calls = [\"" + f.Cluster + "\"] into its table")
	}
	seed, err := weir.Random(8)
	if err != nil {
		return nil, failure("the host has no random bytes: " + err.Error())
	}
	for _, c := range seed {
		f.random = f.random<<8 | uint64(c)
	}
	f.asked = sdk.NewCounter("mirror_asked_total")
	f.refused = sdk.NewCounter("mirror_refused_total")
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders asks for a copy. The request goes on whatever the answer is.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if !f.always && f.draw() >= f.share || !f.every && !f.taken(s.Method()) {
		return sdk.Continue
	}
	m := f.Mirror
	if f.suffix != "" {
		f.host = appendHost(f.host[:0], s.Authority(), f.suffix)
		m.Host = sdk.View(f.host)
	}
	switch m.Ask() {
	case nil:
		f.asked.Add(1)
	case sdk.ErrEmpty: // it is a copy itself
	default:
		f.refused.Add(1)
	}
	return sdk.Continue
}

func (f *filter) taken(method []byte) bool {
	for _, m := range f.methods {
		if string(method) == m {
			return true
		}
	}
	return false
}

// draw is SplitMix64: it draws lots, it makes no secrets.
func (f *filter) draw() uint64 {
	f.random += 0x9e3779b97f4a7c15
	x := f.random
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// appendHost puts suffix behind a host's name, before its port. An address of IPv6
// stays.
func appendHost(dst, host []byte, suffix string) []byte {
	port := bytes.IndexByte(host, ':')
	switch {
	case len(host) > 0 && host[0] == '[', bytes.Count(host, []byte(":")) > 1:
		return append(dst, host...)
	case port < 0:
		port = len(host)
	}
	return append(append(append(dst, host[:port]...), suffix...), host[port:]...)
}
