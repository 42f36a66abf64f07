package meter

import "strconv"

// shiftNames returns the body of the custom section "name" with the indices
// of functions shifted, or nil when there is none or it is malformed: names
// are for people, and a wrong one is no reason to refuse a module. Only the
// module's and the functions' names are kept.
func shiftNames(b []byte) []byte {
	if b == nil {
		return nil
	}
	const moduleName, functionNames = 0, 1
	var out []byte
	r := &reader{b: b}
	for last := -1; r.left() > 0; {
		id := int(r.u8())
		sub := &reader{b: r.bytes(r.u32())}
		if r.err != nil || id <= last {
			return nil
		}
		last = id
		var body []byte
		switch id {
		case moduleName:
			body = appendName(nil, printable(sub.name()))
		case functionNames:
			n := sub.count("names", len(sub.b))
			body = appendU32(nil, uint32(n))
			for range n {
				i := sub.u32()
				body = appendName(appendU32(body, shifted(i)), printable(sub.name()))
				if sub.err != nil {
					return nil
				}
			}
		default:
			continue
		}
		if sub.err != nil || sub.left() > 0 {
			return nil
		}
		out = appendSection(out, byte(id), body)
	}
	return out
}

// printable is a name with what does not print escaped: a guest chose it, and
// it will stand in the log when the guest traps.
func printable(name string) string {
	q := strconv.Quote(name)
	return q[1 : len(q)-1]
}
