package ipfilter

// address is an IPv6 address; IPv4 is what IPv6 maps it to, ::ffff:a.b.c.d, so
// that both spellings of a client are one.
type address struct{ high, low uint64 }

func (a address) less(b address) bool {
	return a.high < b.high || a.high == b.high && a.low < b.low
}

// text is what an address is read from.
type text interface{ ~string | ~[]byte }

const mapped = 0xffff << 32

// parseAddress reads an address as RFC 4291, section 2.2, and dotted decimals
// write it, without zone and port. bits is how many bits it was written with: 32 or
// 128, or 0 for what is no address. net/netip does the same, for five times the
// guest's time on a list of 100,000.
func parseAddress[T text](s T) (a address, bits int) {
	for i := range len(s) {
		c := s[i]
		switch c {
		case ':':
			return parse6(s)
		case '.':
			v, ok := parse4(s)
			if !ok {
				return a, 0
			}
			return address{0, mapped | uint64(v)}, 32
		}
	}
	return a, 0
}

// parse4 reads four decimals without leading zeros, which some read as octal.
func parse4[T text](s T) (v uint32, ok bool) {
	part, digits, dots := uint32(0), 0, 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if digits > 0 && part == 0 {
				return 0, false
			}
			part, digits = part*10+uint32(c-'0'), digits+1
			if part > 255 {
				return 0, false
			}
		case c == '.' && digits > 0 && dots < 3:
			v, part, digits, dots = v<<8|part, 0, 0, dots+1
		default:
			return 0, false
		}
	}
	return v<<8 | part, dots == 3 && digits > 0
}

// parse6 reads groups of hexadecimals, of which "::" stands for as many zeros as
// are missing; the last two groups may be an IPv4 address.
func parse6[T text](s T) (a address, bits int) {
	var groups [8]uint16
	n, gap := 0, -1
	if len(s) >= 2 && s[0] == ':' && s[1] == ':' {
		gap, s = 0, s[2:]
	}
	for len(s) > 0 {
		if n == 8 {
			return a, 0
		}
		end, v := 0, uint32(0)
		for end < len(s) && s[end] != ':' && s[end] != '.' {
			d := hex(s[end])
			if d < 0 || end == 4 {
				return a, 0
			}
			v, end = v<<4|uint32(d), end+1
		}
		if end < len(s) && s[end] == '.' {
			v4, ok := parse4(s)
			if !ok || n > 6 {
				return a, 0
			}
			groups[n], groups[n+1] = uint16(v4>>16), uint16(v4)
			n += 2
			break
		}
		if end == 0 {
			return a, 0
		}
		groups[n], n, s = uint16(v), n+1, s[end:]
		if len(s) == 0 {
			break
		}
		s = s[1:] // the colon
		switch {
		case len(s) == 0:
			return a, 0
		case s[0] == ':':
			if gap >= 0 {
				return a, 0
			}
			gap, s = n, s[1:]
		}
	}
	if gap < 0 && n < 8 || gap >= 0 && n == 8 {
		return a, 0
	}
	if gap >= 0 {
		moved := copy(groups[8-(n-gap):], groups[gap:n])
		clear(groups[gap : 8-moved])
	}
	for i := range 4 {
		a.high, a.low = a.high<<16|uint64(groups[i]), a.low<<16|uint64(groups[4+i])
	}
	return a, 128
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
