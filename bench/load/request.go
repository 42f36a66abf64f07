package load

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Request is what each request is.
type Request struct {
	Method string
	bytes  []byte
}

// Field is a header field.
type Field struct{ Name, Value string }

// NewRequest makes a request of HTTP/1.1.
func NewRequest(method, target, authority string, fields []Field, body string) (Request, error) {
	var b strings.Builder
	switch {
	case !httpguts.ValidHeaderFieldName(method): // a method is a token, too (RFC 9110, 9.1)
		return Request{}, fmt.Errorf("%q is no method", method)
	case target == "" || target[0] != '/' || strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return Request{}, fmt.Errorf("%q is no path; it begins with a slash and has no blanks", target)
	case !httpguts.ValidHostHeader(authority):
		return Request{}, fmt.Errorf("%q is no host", authority)
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nhost: %s\r\n", method, target, authority)
	for _, f := range fields {
		switch name := strings.ToLower(f.Name); {
		case !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(f.Value):
			return Request{}, fmt.Errorf("%q: %q is no header field", f.Name, f.Value)
		case name == "host" || name == "content-length" || name == "transfer-encoding" || name == "connection":
			return Request{}, fmt.Errorf("%q is set by the load itself; leave it out", f.Name)
		}
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	if body != "" || method == "POST" || method == "PUT" || method == "PATCH" {
		b.WriteString("content-length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return Request{method, []byte(b.String())}, nil
}
