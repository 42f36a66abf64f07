package authz

import (
	"slices"
	"strings"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// The bounds of a filter's rules.
const (
	maxRules        = 1000
	maxAlternatives = 20_000
)

// read compiles the configuration, and answers the rules' names.
func (f *filter) read(text []byte) (names []string, err error) {
	r := jsonconf.New(text)
	var deny, allow []parsed
	r.Object(func(key []byte) {
		switch string(key) {
		case "deny":
			deny = readRules(r, true)
		case "allow":
			allow = readRules(r, false)
		case "audit":
			f.audit = r.Bool()
		case "path_parameters":
			f.parameters = r.Bool()
		default:
			r.Unknown("allow", "deny", "audit", "path_parameters")
		}
	})
	all := append(deny, allow...)
	f.denials = len(deny)
	for i := range all {
		if slices.Contains(names, all[i].name) {
			r.Fail("two rules have the name ", jsonconf.Quote(all[i].name), "; give each its own")
		}
		names = append(names, all[i].name)
		if !f.add(&all[i]) {
			r.Fail("the rules tell more than 31 methods apart")
		}
	}
	if len(all) > maxRules || len(f.alternatives)+len(f.networks) > maxAlternatives {
		r.Fail("has too many rules: 1000 are allowed, with 20000 values in all")
	}
	return names, r.Err()
}

// parsed is a rule as it was read.
type parsed struct {
	name       string
	methods    []string
	conditions []parsedCondition
}

type parsedCondition struct {
	kind     kind
	name     string
	values   []parsedValue
	networks []network
}

type parsedValue struct {
	form form
	pattern
}

func readRules(r *jsonconf.Reader, deny bool) (list []parsed) {
	r.List(func(int) { list = append(list, readRule(r, deny)) })
	return list
}

func readRule(r *jsonconf.Reader, deny bool) (p parsed) {
	r.Object(func(key []byte) {
		switch string(key) {
		case "name":
			p.name = readName(r)
		case "methods":
			p.methods = readMethods(r)
		case "peers":
			p.add(ofPeer, "", readValues(r, peerValue))
		case "identities":
			p.add(ofIdentity, "", readValues(r, identityValue))
		case "paths":
			p.add(ofPath, "", readValues(r, func(v string) (parsedValue, error) { return pathValue(v, deny) }))
		case "sources":
			p.conditions = append(p.conditions, parsedCondition{kind: ofSource, networks: readNetworks(r)})
		case "claims":
			r.Object(func(name []byte) {
				p.add(ofClaim, claimPrefix+string(name), readValues(r, anyValue))
			})
		case "headers":
			r.Object(func(name []byte) {
				if !jsonconf.Token(string(name)) {
					r.Fail("is not the name of a header field")
				}
				p.add(ofHeader, fieldProperty(string(lower(nil, name))), readValues(r, anyValue))
			})
		default:
			r.Unknown("name", "methods", "peers", "identities", "paths", "sources", "claims", "headers")
		}
	})
	switch {
	case r.Failed():
	case p.name == "":
		r.Fail(`lacks "name", by which logs and metrics tell it`)
	case len(p.methods) == 0 && len(p.conditions) == 0:
		r.Fail(`has no condition; if it is meant for all requests, give it paths = ["/**"]`)
	}
	slices.SortStableFunc(p.conditions, func(a, b parsedCondition) int { return int(a.kind) - int(b.kind) })
	return p
}

func (p *parsed) add(k kind, name string, values []parsedValue) {
	p.conditions = append(p.conditions, parsedCondition{kind: k, name: name, values: values})
}

func readName(r *jsonconf.Reader) string {
	v := r.String()
	ok := len(v) > 0 && len(v) <= 64 && v != noRule
	for i := range len(v) {
		c := v[i]
		ok = ok && (c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !r.Failed() && !ok {
		r.Fail(`must be 1 to 64 letters, digits, "-", "_" and ".", and not "default", which is the name of no rule`)
	}
	return v
}

func readMethods(r *jsonconf.Reader) (list []string) {
	r.List(func(int) {
		m := r.String()
		if !r.Failed() && (!jsonconf.Token(m) || m != strings.ToUpper(m)) {
			r.Fail(`must be a method in capitals, such as "GET"`)
		}
		list = append(list, m)
	})
	needSome(r, len(list))
	return list
}

// readValues reads a list of which one value has to hold.
func readValues(r *jsonconf.Reader, parse func(string) (parsedValue, error)) (list []parsedValue) {
	r.List(func(int) {
		text := r.String()
		if r.Failed() {
			return
		}
		v, err := parse(text)
		if err != nil {
			r.Fail(jsonconf.Quote(text), " ", err.Error())
		}
		list = append(list, v)
	})
	needSome(r, len(list))
	return list
}

func needSome(r *jsonconf.Reader, n int) {
	if !r.Failed() && n == 0 {
		r.Fail("is empty, so the rule could never hold; leave the key out for any value")
	}
}

func readNetworks(r *jsonconf.Reader) (list []network) {
	r.List(func(int) {
		text := r.String()
		if r.Failed() {
			return
		}
		n, ok := parseNetwork(text)
		if !ok {
			r.Fail(jsonconf.Quote(text), ` must be a network such as "10.0.0.0/8", without bits behind its prefix, or an address`)
		}
		list = append(list, n)
	})
	needSome(r, len(list))
	return list
}
