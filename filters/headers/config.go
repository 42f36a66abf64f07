package headers

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// read turns the configuration into rules.
func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	general := rule{}
	r.Object(func(key []byte) {
		switch string(key) {
		case "request":
			general.request = operations(r, false)
		case "response":
			general.response = operations(r, true)
		case "rules":
			r.List(func(i int) {
				if i >= maxRules-1 {
					r.Fail("is one rule too many: 63 are allowed; use a second filter")
				}
				f.rules = append(f.rules, readRule(r))
			})
		default:
			r.Unknown("request", "response", "rules")
		}
	})
	// The general changes come first, so that rules can refine them.
	f.rules = append([]rule{general}, f.rules...)
	for i := range f.rules {
		x := &f.rules[i]
		f.request = f.request || len(x.request) > 0
		f.response = f.response || len(x.response) > 0
		f.byPath = f.byPath || x.prefix != ""
		f.remembers = f.remembers || x.prefix != "" && len(x.response) > 0
	}
	if !f.request && !f.response {
		r.Fail(`changes nothing; give it a "request", a "response" or "rules"`)
	}
	return r.Err()
}

func readRule(r *jsonconf.Reader) (x rule) {
	r.Object(func(key []byte) {
		switch string(key) {
		case "path_prefix":
			x.prefix = r.String()
			if !r.Failed() && (x.prefix == "" || x.prefix[0] != '/') {
				r.Fail(`must begin with "/"`)
			}
		case "status":
			x.class, x.code = readStatus(r)
		case "request":
			x.request = operations(r, false)
		case "response":
			x.response = operations(r, true)
		default:
			r.Unknown("path_prefix", "status", "request", "response")
		}
	})
	switch {
	case len(x.request) == 0 && len(x.response) == 0:
		r.Fail(`changes nothing; give it a "request" or a "response"`)
	case (x.class != 0 || x.code != 0) && len(x.request) > 0:
		r.Fail(`has a "status", which is not known yet when "request" is changed; use two rules`)
	case x.prefix == "" && x.class == 0 && x.code == 0:
		r.Fail(`has no condition; give it a "path_prefix" or a "status", or put its changes outside of "rules"`)
	}
	return x
}

// readStatus reads "404" or a class such as "5xx".
func readStatus(r *jsonconf.Reader) (class, code int) {
	v := r.String()
	if len(v) == 3 && v[0] >= '2' && v[0] <= '5' {
		if v[1:] == "xx" {
			return int(v[0] - '0'), 0
		}
		if digit(v[1]) && digit(v[2]) {
			return 0, int(v[0]-'0')*100 + int(v[1]-'0')*10 + int(v[2]-'0')
		}
	}
	r.Fail(`must be a status such as "404" or a class such as "5xx", not `, jsonconf.Quote(v))
	return 0, 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// operations reads the changes of one head, in the order in which they are
// made: what is removed can be set again.
func operations(r *jsonconf.Reader, response bool) []operation {
	var lists [addIfAbsent + 1][]operation
	r.Object(func(key []byte) {
		switch string(key) {
		case "remove":
			r.List(func(int) { lists[remove] = append(lists[remove], operation{kind: remove, name: name(r, r.String())}) })
		case "set":
			lists[set] = fields(r, set, response)
		case "add":
			lists[add] = fields(r, add, response)
		case "add_if_absent":
			lists[addIfAbsent] = fields(r, addIfAbsent, response)
		default:
			r.Unknown("remove", "set", "add", "add_if_absent")
		}
	})
	var all []operation
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// fields reads a table of names and values; a list of values stands for as
// many fields.
func fields(r *jsonconf.Reader, k kind, response bool) (list []operation) {
	r.Object(func(key []byte) {
		n := name(r, string(key))
		if k != add || !r.IsList() {
			list = append(list, field(r, k, n, response))
			return
		}
		r.List(func(int) { list = append(list, field(r, k, n, response)) })
	})
	return list
}

func field(r *jsonconf.Reader, k kind, n string, response bool) operation {
	o := operation{kind: k, name: n}
	text := r.String()
	t, err := template.Parse(text)
	switch {
	case r.Failed():
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse() && !response:
		r.Fail("the response is not known yet when the request is changed")
	}
	o.fill = t
	v, plain := t.Literal()
	o.value, o.fills = v, !plain
	return o
}

// owned are fields that a filter cannot change, or should not by these means.
var owned = [...]struct{ name, remedy string }{
	{"content-length", "the proxy computes it from the body"},
	{"transfer-encoding", "the proxy computes it from the body"},
	{"connection", "it belongs to each connection"},
	{"keep-alive", "it belongs to each connection"},
	{"proxy-connection", "it belongs to each connection"},
	{"upgrade", "it belongs to each connection"},
	{"te", "it belongs to each connection"},
	{"trailer", "the proxy writes it"},
	{"host", `use the filter "rewrite"`},
}

// name checks a field's name and lower-cases it.
func name(r *jsonconf.Reader, n string) string {
	low := template.Lower(n)
	if r.Failed() {
		return low
	}
	if n != "" && n[0] == ':' {
		r.Fail(jsonconf.Quote(n), ` is not a header field; use the filter "rewrite"`)
	} else if !jsonconf.Token(low) {
		r.Fail(jsonconf.Quote(n), " is not a field name: letters, digits and !#$%&'*+-.^_`|~ only")
	}
	for _, o := range owned {
		if o.name == low {
			r.Fail(jsonconf.Quote(n), " cannot be changed here: ", o.remedy)
		}
	}
	return low
}
