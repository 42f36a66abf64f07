package cors

import (
	"strconv"
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// read reads the configuration.
func (f *filter) read(text []byte) error {
	methods, headers, expose := []string{"GET", "HEAD", "POST"}, []string{}, []string{}
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "origins":
			r.List(func(int) {
				if v := r.String(); !r.Failed() {
					if wrong := f.origins.parse(v); wrong != "" {
						r.Fail(jsonconf.Quote(v), " ", strings.TrimPrefix(wrong, " "))
					}
				}
			})
		case "origin_regex":
			r.List(func(int) { f.origins.regexes = append(f.origins.regexes, readRegex(r)) })
		case "null_origin":
			f.origins.null = r.Bool()
		case "credentials":
			f.credentials = r.Bool()
		case "private_network":
			f.private = r.Bool()
		case "refuse":
			f.refuse = r.Bool()
		case "methods":
			methods = tokens(r)
		case "headers":
			headers = tokens(r)
		case "expose":
			expose = tokens(r)
		case "max_age":
			f.maxAge = strconv.FormatInt(int64(r.Duration(0, 24*time.Hour)/time.Second), 10)
		default:
			r.Unknown("origins", "origin_regex", "null_origin", "credentials", "private_network", "refuse", "methods", "headers", "expose", "max_age")
		}
	})
	f.methods, f.headers, f.expose = strings.Join(methods, ", "), strings.Join(headers, ", "), strings.Join(expose, ", ")
	f.check(r)
	return r.Err()
}

// check finds what goes together with nothing, or not with credentials.
func (f *filter) check(r *jsonconf.Reader) {
	o := &f.origins
	named := len(o.exact) + len(o.below) + len(o.regexes)
	switch {
	case r.Failed():
	case !o.any && !o.null && named == 0:
		r.Fail(`allows nobody; give it "origins" or "origin_regex"`)
	case o.any && (named > 0 || o.null):
		r.FailAt("origins", `has "*" beside others; "*" is all of them: keep one of the two`)
	case !f.credentials:
	case o.any:
		r.FailAt("origins", `is "*", but with credentials any page could act as its visitor; name the origins`)
	case f.methods == "*" || f.headers == "*" || f.expose == "*":
		r.FailAt("credentials", `is true, and then "*" is no wildcard to browsers; name the methods and headers`)
	default:
		f.checkRegexes(r)
	}
}

// strangers are origins that nobody means.
var strangers = [...]string{"https://weir.invalid", "http://0.invalid:1"}

// checkRegexes finds expressions that are "*" by another name.
func (f *filter) checkRegexes(r *jsonconf.Reader) {
	for _, x := range f.origins.regexes {
		for _, s := range strangers {
			if ok, _ := x.Match([]byte(s)); ok {
				r.FailAt("origin_regex", "matches any origin, but with credentials any page could act as its visitor; make it narrower")
			}
		}
	}
}

// readRegex reads an expression for whole origins.
func readRegex(r *jsonconf.Reader) weir.Regex {
	v := r.String()
	if r.Failed() {
		return ""
	}
	x := weir.Regex("^(?:" + v + ")$")
	switch err := weir.Regex(v).Check(); {
	case err == sdk.ErrNotFound:
		r.Fail("needs weir.regex, which only Weir has; name the origins on this host")
	case err != nil || x.Check() != nil || v == "":
		r.Fail("is no RE2 expression of at most 4096 bytes: ", jsonconf.Quote(v))
	}
	return x
}

// tokens reads methods or names of fields; "*" alone is any.
func tokens(r *jsonconf.Reader) []string {
	list := r.Strings()
	for _, v := range list {
		switch {
		case r.Failed():
		case !jsonconf.Token(v):
			r.Fail(jsonconf.Quote(v), " is no method and no name of a field")
		case v == "*" && len(list) > 1:
			r.Fail(`has "*" beside others; keep one of the two`)
		}
	}
	return list
}
