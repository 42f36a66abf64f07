package route

import "bytes"

// node is a place in a host's tree of path segments: the text from the root
// to it, each segment with the slash before it. Below a wildcard the text is
// not literal, and only templates are there.
type node struct {
	parent   *node
	size     int // of the literal text, in bytes
	children index[node]

	border *rule // prefixes that end here: the text, and what is below it
	below  *rule // prefixes with a slash behind the text: only what is below

	patterns *patterns // regular expressions whose literal beginning ends in the next segment

	wild *node // templates that go on with {part}
	rest *rule // templates that end in {rest...}
	end  *rule // templates that end here
}

// child is the node of a segment below n, made when it is new.
func (n *node) child(segment string) *node {
	c := n.children.at(segment)
	if *c == nil {
		*c = &node{parent: n, size: n.size + 1 + len(segment)}
	}
	return *c
}

// literal is the node of text: "" or segments, each with its slash before it.
func (n *node) literal(text string) *node {
	for len(text) > 0 {
		var segment string
		segment, text = cutSegment(text)
		n = n.child(segment)
	}
	return n
}

// descend is the deepest node whose text path begins with, on a border of
// segments.
func (n *node) descend(path []byte) *node {
	for at := 0; at < len(path) && !n.children.empty(); {
		end := segmentEnd(path, at)
		c := n.children.get(path[at+1 : end])
		if c == nil {
			break
		}
		n, at = c, end
	}
	return n
}

// segmentEnd is where the segment whose slash is at path[at] ends.
func segmentEnd(path []byte, at int) int {
	if i := bytes.IndexByte(path[at+1:], '/'); i >= 0 {
		return at + 1 + i
	}
	return len(path)
}

// prefix puts r where requests below the prefix text find it.
func (n *node) prefix(text string, r *rule) {
	if last := len(text) - 1; text[last] == '/' {
		push(&n.literal(text[:last]).below, r)
		return
	}
	push(&n.literal(text).border, r)
}

// matchPrefix is the rule of the longest prefix.
func (n *node) matchPrefix(l *lookup) *rule {
	for ; n != nil; n = n.parent {
		if n.below != nil && len(l.path) > n.size {
			if r := l.first(n.below); r != nil {
				return r
			}
		}
		if r := l.first(n.border); r != nil {
			return r
		}
	}
	return nil
}
