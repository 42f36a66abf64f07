package ipfilter

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

// addressOf is what the parser should make of an address.
func addressOf(a netip.Addr) address {
	b := a.As16()
	var v address
	for i := range 8 {
		v.high, v.low = v.high<<8|uint64(b[i]), v.low<<8|uint64(b[8+i])
	}
	return v
}

// FuzzParseAddress compares with net/netip, which takes what we take.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "::", "::1", "1::", "2001:db8::1:2", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "01.2.3.4", "1:::2", "", ":", "::1::", "1:2:3:4:5:6:1.2.3.4", "12345::", "::1.2.3", "1.2.3.4.5", "256.1.1.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, bits := parseAddress(s)
		want, err := netip.ParseAddr(s)
		if ok := err == nil && want.Zone() == ""; ok != (bits > 0) {
			t.Fatalf("%q: %d bits, net/netip says %v", s, bits, err)
		}
		if bits > 0 && (got != addressOf(want) || bits != want.BitLen()) {
			t.Errorf("%q: %x %d, want %v", s, got, bits, want)
		}
	})
}

// FuzzParseNetwork compares with net/netip: what is taken is a network there too, and
// the same.
func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"192.0.2.0/24", "::/0", "0.0.0.0/0", "2001:db8::/32", "192.0.2.1", "192.0.2.1/24", "::ffff:10.0.0.0/104", "1.2.3.4/033", "1.2.3.4/33", "/", "::1/129"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, wrong := parseNetwork(s, allow)
		if wrong != "" {
			return
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, bad := netip.ParseAddr(s)
			if bad != nil {
				t.Fatalf("%q is taken; net/netip says %v", s, err)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		bits := p.Bits() + 128 - p.Addr().BitLen()
		if n.first != addressOf(p.Addr()) || int(n.bits) != bits || p.Masked() != p {
			t.Fatalf("%q: %x/%d, want %v", s, n.first, n.bits, p)
		}
	})
}

// random is a network among few addresses, so that many lie in each other.
func random(r *rand.Rand, v verdict) (network, netip.Prefix) {
	b := [16]byte{10: 0xff, 11: 0xff}
	if r.IntN(2) == 0 {
		b = [16]byte{}
	}
	for range 3 {
		b[[...]int{0, 7, 8, 12, 13, 15}[r.IntN(6)]] |= byte(r.IntN(4)) << (6 * r.IntN(2))
	}
	a := netip.AddrFrom16(b)
	least := 0
	if a.Is4In6() {
		least = 96
	}
	p, err := a.Prefix(least + r.IntN(129-least))
	if err != nil {
		panic(err)
	}
	return network{addressOf(p.Addr()), uint8(p.Bits()), v}, p
}

func TestFindIsTheLongestPrefix(t *testing.T) {
	hits := 0
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		list, said := []network{fourth}, map[netip.Prefix]verdict{}
		for range r.IntN(30) {
			v := verdict(1 + r.IntN(2))
			n, p := random(r, v)
			if _, there := said[p]; there {
				continue
			}
			list, said[p] = append(list, n), v
		}
		var tab table
		if twice := tab.build(sorted(list)); twice != nil {
			t.Fatalf("seed %d: %+v is there twice", seed, twice)
		}
		for range 60 {
			_, p := random(r, none)
			a := p.Addr()
			want, bits := none, -1
			for q, v := range said {
				if q.Contains(a) && q.Bits() > bits && (!a.Is4In6() || q.Bits() >= 96) {
					want, bits = v, q.Bits()
				}
			}
			if got := tab.find(addressOf(a)); got != want {
				t.Fatalf("seed %d: %v is %d, want %d", seed, a, got, want)
			}
			if want != none {
				hits++
			}
		}
	}
	if hits < 1000 {
		t.Errorf("only %d addresses were in any network", hits)
	}
}

func TestEndsOfTheAddresses(t *testing.T) {
	var tab table
	tab.build(sorted([]network{fourth, {address{}, 0, deny}, {address{^uint64(0), ^uint64(0)}, 128, allow}, {address{}, 128, allow}}))
	for _, tt := range []struct {
		a    address
		want verdict
	}{{address{}, allow}, {address{0, 1}, deny}, {address{^uint64(0), ^uint64(0)}, allow}, {address{^uint64(0), ^uint64(0) - 1}, deny}, {address{0, mapped + 5}, none}, {address{0, mapped - 1}, deny}, {address{0, mapped + 1<<32}, deny}} {
		if got := tab.find(tt.a); got != tt.want {
			t.Errorf("%x is %d, want %d", tt.a, got, tt.want)
		}
	}
}
