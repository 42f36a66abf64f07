package ipfilter

// network is a prefix with what it says. It has no pointer in it: a collector
// does not look into a list of them.
type network struct {
	first   address
	bits    uint8 // of 128
	verdict verdict
}

// verdict is what becomes of a client.
type verdict uint8

const (
	none verdict = iota
	allow
	deny
)

// fourth is all of IPv4. It stands in every list, so that a network of IPv6 around it,
// such as ::/0, does not speak for clients of IPv4.
var fourth = network{address{0, mapped}, 96, none}

// last is the network's last address.
func (n *network) last() address {
	high, low := mask(n.bits)
	return address{n.first.high | ^high, n.first.low | ^low}
}

// mask has the first bits of 128.
func mask(bits uint8) (high, low uint64) {
	if bits <= 64 {
		return ^uint64(0) << (64 - bits), 0
	}
	return ^uint64(0), ^uint64(0) << (128 - bits)
}

// parseNetwork reads "10.0.0.0/8" or an address alone, and answers what is wrong.
func parseNetwork(s string, v verdict) (n network, wrong string) {
	length := -1
	for i := range len(s) {
		c := s[i]
		if c == '/' {
			if length = decimal(s[i+1:]); length < 0 {
				return n, "is no network: a prefix's length is a number without leading zeros"
			}
			s = s[:i]
			break
		}
	}
	a, width := parseAddress(s)
	switch {
	case width == 0:
		return n, `is no network: "192.0.2.0/24", "2001:db8::/32" or an address`
	case length > width:
		return n, "is no network: its prefix is longer than an address"
	case length < 0:
		length = width
	}
	n = network{a, uint8(length + 128 - width), v}
	high, low := mask(n.bits)
	if a.high&^high != 0 || a.low&^low != 0 {
		return n, "has bits behind its prefix; say which of the two is meant"
	}
	return n, ""
}

// decimal is a number of at most three digits, or -1.
func decimal(s string) int {
	n := 0
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' || i == 3 || i == 1 && s[0] == '0' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	if len(s) == 0 {
		return -1
	}
	return n
}
