package authz

import (
	"bytes"
	"net/netip"

	"github.com/weirproxy/weir/filters/internal/oddpath"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// facts are those of the request at hand, each asked of the host at most once,
// when a rule looks at it. Callbacks do not overlap, so a filter has one.
type facts struct {
	stream     *sdk.Stream
	connection bool // of TCP: it has neither method nor path nor fields
	have       uint8
	beyond     bool // what was looked at is more than the facts by which verdicts are remembered

	methods  uint32
	plain    []byte // the path, without query
	clear    bool   // and it can be read in one way only
	folded   []byte // the path as rules that deny compare it
	client   network
	clientOK bool

	peerProperty string // where the host has the peer's ID
	parameters   bool   // ";" may be in paths
}

// The bits of have.
const (
	haveMethod = 1 << iota
	havePath
	haveFolded
	haveSource
)

func (f *facts) begin(s *sdk.Stream, connection bool) {
	f.stream, f.connection, f.have, f.beyond = s, connection, 0, connection
}

// first says whether a fact was not asked for yet.
func (f *facts) first(bit uint8) bool {
	asked := f.have&bit != 0
	f.have |= bit
	return !asked
}

// peer is the SPIFFE ID of the verified peer, empty without one.
func (f *facts) peer() []byte {
	id, _ := sdk.Property(f.peerProperty)
	return id
}

// identity is who the client is, as a filter found out.
func (f *facts) identity() []byte {
	name, _ := sdk.Property(template.Identity)
	return name
}

// method is the method as a set, empty for one that no rule names.
func (f *facts) method(r *rules) uint32 {
	if f.first(haveMethod) {
		f.methods = 0
		if f.connection {
			return 0
		}
		m := f.stream.Method()
		for i, known := range r.methods {
			if string(m) == known {
				f.methods = 1 << i
			}
		}
	}
	return f.methods
}

// path is the path, for rules that deny in small letters and without a slash
// at the end. clear is false if it can be read in several ways.
func (f *facts) path(deny bool) (path []byte, clear bool) {
	if f.connection {
		return nil, false
	}
	if f.first(havePath) {
		f.plain = f.stream.Path()
		if q := bytes.IndexByte(f.plain, '?'); q >= 0 {
			f.plain = f.plain[:q]
		}
		f.clear = !oddpath.Odd(f.plain, f.parameters)
	}
	if deny && f.first(haveFolded) {
		f.folded = lower(f.folded[:0], f.plain)
		if n := len(f.folded); n > 1 && f.folded[n-1] == '/' {
			f.folded = f.folded[:n-1]
		}
	}
	if deny {
		return f.folded, f.clear
	}
	return f.plain, f.clear
}

// source is the client's address by the proxy's trust settings.
func (f *facts) source() (*network, bool) {
	if f.first(haveSource) {
		a, err := netip.ParseAddr(view(weir.ClientIP()))
		f.clientOK = err == nil
		f.client = networkOf(a.Unmap())
	}
	return &f.client, f.clientOK
}

func view(b []byte) string { return sdk.View(b) }
