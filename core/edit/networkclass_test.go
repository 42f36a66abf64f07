package edit_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/weirproxy/weir/core/edit"
)

// networks encodes networks as a filter declares them.
func networks(list ...string) string {
	var b []byte
	for _, text := range list {
		p := netip.MustParsePrefix(text)
		a, bits := p.Addr().As16(), p.Bits()
		if p.Addr().Is4() {
			bits += 96
		}
		b = append(append(b, a[:]...), byte(bits))
	}
	return string(b)
}

// sameNetworks says whether two addresses are of one class; ok is false where the first
// is of none.
func sameNetworks(t testing.TB, declared string, a, b netip.Addr) (same, ok bool) {
	var l edit.List
	if err := l.Recall(by(byNetwork, declared)); err != nil {
		t.Skip()
	}
	at := func(a netip.Addr) *fake { return like(func(f *fake) { f.info.Client = a }) }
	if err := l.Remember(at(a), nil, encode(0), nil, 0, 9); errors.Is(err, edit.ErrNoKey) {
		return false, false
	} else if err != nil {
		t.Fatal(err)
	}
	return replayed(&l, at(b), 1, counts{}), true
}

func TestNetworkClass(t *testing.T) {
	declared := networks("10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/32", "255.255.255.255/32", "2001:db8::/32", "ffff::/16", "fe80::1/128")
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"10.0.0.0", "10.0.255.255", true},
		{"10.0.255.255", "10.1.0.0", false},
		{"9.255.255.255", "10.0.0.0", false},
		{"10.255.255.255", "11.0.0.0", false},
		{"10.1.2.3", "::ffff:10.1.3.4", true},
		{"0.0.0.0", "0.0.0.1", false},
		{"255.255.255.255", "::", false},
		{"11.0.0.0", "::1", false},
		{"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
		{"2001:db8::", "2001:db9::", false},
		{"fe80::1", "fe80::1%eth0", true},
		{"fe80::1", "fe80::2", false},
		{"ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
	} {
		a, b := netip.MustParseAddr(c.a), netip.MustParseAddr(c.b)
		for _, p := range [][2]netip.Addr{{a, b}, {b, a}} {
			if same, ok := sameNetworks(t, declared, p[0], p[1]); !ok || same != c.same {
				t.Errorf("%v and %v: same %v, of a class %v", p[0], p[1], same, ok)
			}
		}
	}
	if _, ok := sameNetworks(t, declared, netip.Addr{}, netip.Addr{}); ok {
		t.Error("no address is of a class")
	}
	if same, ok := sameNetworks(t, networks("0.0.0.0/0"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("::1")); !ok || same {
		t.Error("all of IPv4 has an address of IPv6")
	}
}

// FuzzNetworkClass looks at what filters rely on: addresses of one class are in the same
// networks.
func FuzzNetworkClass(f *testing.F) {
	address := func(s string) []byte { a := netip.MustParseAddr(s).As16(); return a[:] }
	f.Add(networks("10.0.0.0/8", "::/0"), address("10.0.0.1"), address("11.0.0.0"))
	f.Add(networks("0.0.0.0/0", "10.1.0.0/16"), address("10.1.0.1"), address("::2"))
	f.Fuzz(func(t *testing.T, declared string, one, other []byte) {
		if len(one) != 16 || len(other) != 16 {
			return
		}
		a, b := netip.AddrFrom16([16]byte(one)).Unmap(), netip.AddrFrom16([16]byte(other)).Unmap()
		if same, ok := sameNetworks(t, declared, a, b); !ok || !same {
			return
		}
		for n := []byte(declared); len(n) > 0; n = n[17:] {
			p := netip.PrefixFrom(netip.AddrFrom16([16]byte(n)), int(n[16]))
			if p.Addr().Is4In6() {
				p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
			}
			if p.Contains(a) != p.Contains(b) {
				t.Fatalf("%v and %v are of one class, told apart by %v", a, b, p)
			}
		}
	})
}
