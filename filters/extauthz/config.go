package extauthz

import (
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

var keys = []string{
	"cluster", "url", "timeout", "path", "host", "method", "forwarded", "request_headers", "headers", "body", "body_over",
	"upstream_headers", "client_headers", "answer_body", "identity", "on_failure", "failure_status",
}

func (f *filter) read(text []byte) error {
	f.timeout, f.method, f.forwarded, f.answerBody, f.failed = time.Second, "GET", true, 16<<10, 503
	f.request = []string{"authorization", "cookie"}
	f.client = []string{"www-authenticate", "location", "set-cookie", "retry-after", "cache-control"}
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "cluster":
			f.cluster = r.String()
		case "url":
			f.readURL(r)
		case "timeout":
			f.timeout = r.Duration(time.Millisecond, time.Minute)
		case "path":
			f.appendPath = r.OneOf("fixed", "append") == "append"
		case "host":
			f.clientHost = r.OneOf("service", "client") == "client"
		case "method":
			f.readMethod(r)
		case "forwarded":
			f.forwarded = r.Bool()
		case "request_headers":
			f.request = names(r)
			f.every = slices.Equal(f.request, []string{"*"})
		case "headers":
			r.Object(func(key []byte) { f.readExtra(r, string(key)) })
		case "body":
			f.body = r.Size(0, 1<<20)
		case "body_over":
			f.cut = r.OneOf("refuse", "cut") == "cut"
		case "upstream_headers":
			f.upstream = names(r)
		case "client_headers":
			f.client = names(r)
		case "answer_body":
			f.answerBody = r.Size(0, 1<<20)
		case "identity":
			f.identity = r.HeaderName()
		case "on_failure":
			f.open = r.OneOf("deny", "allow") == "allow"
		case "failure_status":
			f.failed = int(r.Int(400, 599))
		default:
			r.Unknown(keys...)
		}
	})
	f.check(r)
	return r.Err()
}

// check finds what does not fit together, or with the filter's own table.
func (f *filter) check(r *jsonconf.Reader) {
	switch {
	case f.cluster == "":
		r.FailAt("cluster", "is missing: the service's cluster, one of the filter's calls")
	case f.authority == "":
		r.FailAt("url", `is missing: what is asked, such as "http://auth.internal/check"`)
	case f.open && weir.Secured():
		r.FailAt("on_failure", `cannot be "allow" in a filter with security = true; leave one of them out`)
	case f.body > 0 && !weir.ShowsBody():
		r.FailAt("body", `needs on_pause = "stop_iteration" in the filter's table, so that the filter sees it`)
	case f.body == 0 && weir.ShowsBody():
		r.FailAt("body", `is not asked for, so leave on_pause = "stop_iteration" out of the filter's table: a body would end the wait for an answer`)
	}
	for _, name := range f.request {
		if !f.every && (slices.Contains(withheld[:], name) || f.ours(name)) {
			r.FailAt("request_headers", jsonconf.Quote(name), " is the question's own and cannot be the client's")
		}
	}
	for _, name := range f.upstream {
		if slices.Contains(withheld[:], name) {
			r.FailAt("upstream_headers", jsonconf.Quote(name), " is the request's own and cannot be the service's")
		}
	}
	for _, name := range f.client {
		if slices.Contains(withheld[:], name) {
			r.FailAt("client_headers", jsonconf.Quote(name), " is the answer's own and cannot be the service's")
		}
	}
}

// readURL takes the service's URL apart.
func (f *filter) readURL(r *jsonconf.Reader) {
	url := r.String()
	scheme, rest, _ := strings.Cut(url, "://")
	authority, path, slash := strings.Cut(rest, "/")
	ok := (scheme == "http" || scheme == "https") && authority != "" && !strings.ContainsAny(url, " #@\"\\")
	for i := range len(url) {
		ok = ok && url[i] > ' ' && url[i] < 0x7f
	}
	if !ok {
		r.Fail(`must be like "http://auth.internal/check", not `, jsonconf.Quote(url))
	}
	f.scheme, f.authority, f.path = scheme, authority, "/"+path
	if !slash {
		f.path = "/"
	}
}

// readMethod reads a method, "same" for the client's.
func (f *filter) readMethod(r *jsonconf.Reader) {
	f.method = r.String()
	if f.method == "same" {
		f.method = ""
		return
	}
	if !r.Failed() && (!jsonconf.Token(f.method) || f.method != strings.ToUpper(f.method) || f.method == "CONNECT") {
		r.Fail(`must be "same" or a method in capitals, such as "GET"`)
	}
}

// readExtra reads a field of the question.
func (f *filter) readExtra(r *jsonconf.Reader, name string) {
	text := r.String()
	if r.Failed() {
		return
	}
	name = template.Lower(name)
	t, err := template.Parse(text)
	switch {
	case !jsonconf.Token(name) || slices.Contains(withheld[:], name):
		r.Fail("is no field that can be given")
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse():
		r.Fail("asks for something of the response, which is not there yet")
	}
	f.extra = append(f.extra, extra{name, t})
}

// names reads a list of field names.
func names(r *jsonconf.Reader) (list []string) {
	r.List(func(int) { list = append(list, r.HeaderName()) })
	return list
}
