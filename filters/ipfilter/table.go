package ipfilter

// table finds the verdict of the longest prefix that holds an address. It is a
// list of ranges in order, without gaps: each reaches to the next, and has the
// verdict of the innermost network. Nothing in it is a pointer.
type table struct {
	starts   []address
	verdicts []verdict
}

// find is the verdict for a, none where no network holds it.
func (t *table) find(a address) verdict {
	low, high := 0, len(t.starts) // the range is the last that does not begin behind a
	for low < high {
		m := int(uint(low+high) >> 1)
		if a.less(t.starts[m]) {
			high = m
		} else {
			low = m + 1
		}
	}
	if low == 0 {
		return none
	}
	return t.verdicts[low-1]
}

// build makes the table of networks that sorted has put in order: what lies in
// another comes behind it. A network that is there twice with two verdicts is
// answered.
func (t *table) build(list []network) (twice *network) {
	t.starts = make([]address, 0, len(list)+len(list)/4)
	t.verdicts = make([]verdict, 0, cap(t.starts))
	var open [129]*network // those around the place that is reached, inside of each other
	depth := 0
	leave := func() {
		depth--
		next, over := open[depth].last().next()
		if over {
			return // nothing lies behind
		}
		outside := none
		if depth > 0 {
			outside = open[depth-1].verdict
		}
		t.add(next, outside)
	}
	for i := range list {
		n := &list[i]
		if i > 0 && list[i-1].first == n.first && list[i-1].bits == n.bits {
			switch list[i-1].verdict {
			case n.verdict:
			case none: // it only stood for its place
				open[depth-1] = n
				t.add(n.first, n.verdict)
			default:
				return n
			}
			continue
		}
		for depth > 0 && open[depth-1].last().less(n.first) {
			leave()
		}
		open[depth] = n
		depth++
		t.add(n.first, n.verdict)
	}
	for depth > 0 {
		leave()
	}
	return nil
}

// add begins a range. One that begins where the last did takes its place, and one
// that says the same goes on with it.
func (t *table) add(start address, v verdict) {
	if n := len(t.starts); n > 0 && t.starts[n-1] == start {
		t.starts, t.verdicts = t.starts[:n-1], t.verdicts[:n-1]
	}
	if n := len(t.starts); n > 0 && t.verdicts[n-1] == v {
		return
	}
	t.starts, t.verdicts = append(t.starts, start), append(t.verdicts, v)
}

// next is the address behind a; over says that a is the last.
func (a address) next() (b address, over bool) {
	b = address{a.high, a.low + 1}
	if b.low == 0 {
		b.high++
	}
	return b, b == address{}
}
