package authz

import "strings"

// peerValue reads a pattern of SPIFFE IDs, or "none".
func peerValue(text string) (parsedValue, error) {
	if text == "none" {
		return parsedValue{form: nothing}, nil
	}
	return patternValue(parsePeer(text))
}

func patternValue(p pattern, err error) (parsedValue, error) {
	if p.rest == "" {
		return parsedValue{exact, p}, err
	}
	return parsedValue{below, p}, err
}

// identityValue reads who a client is: a name, "none", or "*" for anybody.
func identityValue(text string) (parsedValue, error) {
	switch text {
	case "none":
		return parsedValue{form: nothing}, nil
	case "":
		return parsedValue{}, patternError(`matches nothing; write "none" for clients that nobody knows`)
	}
	return anyValue(text)
}

// anyValue reads a text, or "*" for any.
func anyValue(text string) (parsedValue, error) {
	if text == "*" {
		return parsedValue{form: anything}, nil
	}
	return parsedValue{form: exact, pattern: pattern{fixed: text}}, nil
}

// pathValue reads a pattern of paths: for a rule that denies in small letters
// and without a slash at the end, as it is compared.
func pathValue(text string, deny bool) (parsedValue, error) {
	if deny {
		if text = string(lower(nil, []byte(text))); len(text) > 1 {
			text = strings.TrimSuffix(text, "/")
		}
	}
	return patternValue(parsePath(text))
}

// add compiles a rule behind those that are there. It answers false if its
// methods are too many.
func (r *rules) add(p *parsed) bool {
	one := rule{from: uint32(len(r.conditions))}
	for _, m := range p.methods {
		set, ok := r.method(m)
		if !ok {
			return false
		}
		one.methods |= set
	}
	for i := range p.conditions {
		r.conditions = append(r.conditions, r.compile(&p.conditions[i]))
	}
	one.to = uint32(len(r.conditions))
	r.list = append(r.list, one)
	return true
}

func (r *rules) compile(p *parsedCondition) condition {
	c := condition{kind: p.kind, name: r.span(p.name)}
	if p.kind == ofSource {
		c.from = uint32(len(r.networks))
		r.networks = append(r.networks, p.networks...)
		c.to = uint32(len(r.networks))
		return c
	}
	c.from = uint32(len(r.alternatives))
	for _, v := range p.values {
		r.alternatives = append(r.alternatives, alternative{v.form, r.span(v.fixed), r.span(v.rest)})
	}
	c.to = uint32(len(r.alternatives))
	return c
}

// ready makes the rules fit to be asked, when all are there.
func (r *rules) ready() {
	for _, m := range []*memory{&r.peers, &r.identities, &r.heads} {
		m.ready(len(r.list))
	}
	r.all, r.left = make(set, r.heads.words), make(set, r.heads.words)
	for i := range r.list {
		r.all.add(i)
		r.peers.used = r.peers.used || r.condition(i, ofPeer) != nil
		r.identities.used = r.identities.used || r.condition(i, ofIdentity) != nil
		r.heads.used = r.heads.used || r.condition(i, ofPath) != nil
	}
}
