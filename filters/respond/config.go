package respond

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// The bounds of a reply.
const (
	maxBody    = 64 << 10 // bytes
	maxHeaders = 64
)

// read reads the configuration.
func (f *filter) read(text []byte) error {
	contentType := "text/plain; charset=utf-8"
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "status":
			f.status = int(r.Int(200, 599))
		case "content_type":
			contentType = readType(r)
		case "body":
			if f.body.text = r.String(); len(f.body.text) > maxBody {
				r.Fail("has more than 64 KiB; let an upstream serve it")
			}
		case "template":
			f.body.fills = r.Bool()
		case "headers":
			r.Object(func(name []byte) { f.readHeader(r, string(name)) })
		default:
			r.Unknown("status", "content_type", "body", "template", "headers")
		}
	})
	if empty := f.status == 204 || f.status == 304; empty && f.body.text != "" {
		r.FailAt("body", "is given, but a response of that status has none; leave it out")
	}
	if f.body.text != "" {
		t, _ := template.Parse(contentType)
		f.headers = append(f.headers, header{"content-type", t})
	}
	if f.body.fills {
		f.body.compile(r, contentType)
	}
	return r.Err()
}

// compile reads the body as a template.
func (b *body) compile(r *jsonconf.Reader, contentType string) {
	var err error
	b.template, err = template.ParseText(b.text)
	switch b.escape = escapeFor(contentType); {
	case err != nil:
		r.FailAt("body", err.Error())
	case b.template.NeedsResponse():
		r.FailAt("body", "has a placeholder of the response, and there is none")
	case b.escape == nil:
		r.FailAt("template", "is true, but it is not known how to write text into ", jsonconf.Quote(contentType), "; text, HTML, XML and JSON have placeholders")
	}
}

func readType(r *jsonconf.Reader) string {
	v := r.String()
	t, err := template.Parse(v)
	if _, fixed := t.Literal(); !r.Failed() && (err != nil || !fixed || v == "") {
		r.Fail("must be a media type, such as \"text/html; charset=utf-8\", not ", jsonconf.Quote(v))
	}
	return v
}

func (f *filter) readHeader(r *jsonconf.Reader, name string) {
	v := r.String()
	t, err := template.Parse(v)
	switch lower := template.Lower(name); {
	case r.Failed():
	case !jsonconf.Token(name):
		r.Fail(jsonconf.Quote(name), " is not a field name: letters, digits and !#$%&'*+-.^_`|~ only")
	case lower == "content-type":
		r.Fail(`is the key "content_type"`)
	case owned(lower):
		r.Fail("is the proxy's own field")
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse():
		r.Fail("has a placeholder of the response, and there is none")
	case len(f.headers) == maxHeaders:
		r.Fail("is one field too many: 64 are allowed")
	default:
		f.headers = append(f.headers, header{lower, t})
	}
}

// owned says whether a field frames the message or belongs to the connection.
func owned(name string) bool {
	switch name {
	case "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "proxy-connection":
		return true
	}
	return false
}
