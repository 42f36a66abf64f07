package route

// host holds the rules of one host, by kind of path.
type host struct {
	exact     index[rule]
	root      *node // of prefixes, templates, regular expressions
	templates bool  // whether the tree holds any
	patterns  bool  // whether it holds regular expressions
	loose     *rule // regular expressions without a literal beginning
	pathless  *rule
}

// add puts r before the rules with the same path.
func (h *host) add(r *rule) {
	switch p := &r.match.path; p.kind {
	case pathExact:
		push(h.exact.at(p.text), r)
	case pathTemplate:
		h.templates = true
		push(h.tree().template(p.segments), r)
	case pathRegex:
		if p.text == "" {
			push(&h.loose, r)
			return
		}
		h.patterns = true
		h.tree().pattern(p.text, r)
	case pathPrefix:
		h.tree().prefix(p.text, r)
	default:
		push(&h.pathless, r)
	}
}

func (h *host) tree() *node {
	if h.root == nil {
		h.root = &node{}
	}
	return h.root
}

// match is the best rule, kind by kind.
func (h *host) match(l *lookup) *rule {
	if r := l.first(h.exact.get(l.path)); r != nil {
		return r
	}
	var deepest *node
	if h.root != nil && len(l.path) > 0 && l.path[0] == '/' {
		deepest = h.root.descend(l.path)
		if h.templates {
			if r := deepest.matchTemplate(l); r != nil {
				return r
			}
		}
		if h.patterns {
			if r := deepest.matchPattern(l); r != nil {
				return r
			}
		}
	}
	if r := l.first(h.loose); r != nil {
		return r
	}
	if deepest != nil {
		if r := deepest.matchPrefix(l); r != nil {
			return r
		}
	}
	return l.first(h.pathless)
}
