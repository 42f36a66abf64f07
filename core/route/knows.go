package route

import "bytes"

// Knows says whether there is a route for requests of a host, whatever else it asks of
// them.
func (t *Table) Knows(authority []byte) bool {
	if a := &t.any; !a.exact.empty() || a.root != nil || a.loose != nil || a.pathless != nil {
		return true
	}
	name := bytes.ToLower(hostname(authority))
	if t.exact.get(name) != nil {
		return true
	}
	for at := 1; at < len(name); at++ { // the first label must not be empty
		if name[at] == '.' && t.suffixes.get(name[at+1:]) != nil {
			return true
		}
	}
	return false
}
