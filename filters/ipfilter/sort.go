package ipfilter

// sorted brings networks into order: by their first address, and of those that
// begin alike the larger first. It sorts byte by byte, and leaves out bytes in
// which no two differ: for a list of IPv4 that is a fifth of what comparisons cost a
// guest.
func sorted(list []network) []network {
	var counts [17][256]int32
	for i := range list {
		n := &list[i]
		counts[0][n.bits]++
		for b := range 8 {
			counts[1+b][byte(n.first.low>>(8*b))]++
			counts[9+b][byte(n.first.high>>(8*b))]++
		}
	}
	other := make([]network, len(list))
	for digit := range counts {
		places := &counts[digit]
		if len(list) == 0 || places[list[0].digit(digit)] == int32(len(list)) {
			continue
		}
		next := int32(0)
		for i := range places {
			places[i], next = next, next+places[i]
		}
		for i := range list {
			at := &places[list[i].digit(digit)]
			other[*at] = list[i]
			*at++
		}
		list, other = other, list
	}
	return list
}

// digit is a byte of what networks are sorted by, from the least.
func (n *network) digit(i int) byte {
	switch {
	case i == 0:
		return n.bits
	case i < 9:
		return byte(n.first.low >> (8 * (i - 1)))
	}
	return byte(n.first.high >> (8 * (i - 9)))
}
