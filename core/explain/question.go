package explain

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
)

// Question is a request, and what is to be supposed about the world.
type Question struct {
	Method string  `json:"method,omitempty"` // "" is GET, with a body POST
	URL    string  `json:"url"`              // absolute, http or https; its path as it is sent
	Fields []Field `json:"fields,omitempty"`
	Body   []byte  `json:"body,omitempty"` // base64 in JSON; null: none

	Side   config.Side `json:"side,omitempty"`   // where it comes in; "": the first of the role
	Client string      `json:"client,omitempty"` // address of the peer; "" is 127.0.0.1
	Peer   string      `json:"peer,omitempty"`   // SPIFFE ID of the peer of a mTLS connection

	// Answers are the statuses with which clusters answer filters' calls. A call to
	// one that is not there fails, as if nobody could be connected to.
	Answers map[string]int `json:"answers,omitempty"`
	// Response is the upstream's status; 0: the request is followed to the upstream.
	Response int `json:"response,omitempty"`
	// ShowSecrets leaves values of fields as they are that look like secrets.
	ShowSecrets bool `json:"show_secrets,omitempty"`
}

// Field is a header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The bounds of a question, in bytes and fields.
const (
	MaxBody   = 1 << 20
	maxURL    = 64 << 10
	maxFields = 128
	maxField  = 64 << 10
)

// QuestionError is what is wrong with a question.
type QuestionError struct{ Problems error }

func (e *QuestionError) Error() string { return e.Problems.Error() }

// BadQuestion marks it as the asker's fault: see admin.BadQuestion.
func (e *QuestionError) BadQuestion() {}

// asked is a question that was understood.
type asked struct {
	request rig.Request
	source  netip.AddrPort
	side    config.Side
}

// read finds everything that is wrong with the question.
func (q *Question) read(role config.Role) (a asked, err error) {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	a.side = cmp.Or(q.Side, role.Sides()[0])
	if !role.Has(a.side) {
		add("side %q: the role %q has none of that name; it has %s", a.side, role, sides(role))
	}
	r := &a.request
	if r.Scheme, r.Authority, r.Path, err = splitURL(q.URL); err != nil {
		problems = append(problems, err)
	}
	r.Method = q.Method
	if r.Method == "" && q.Body != nil {
		r.Method = "POST"
	}
	if r.Method = cmp.Or(r.Method, "GET"); !stream.ValidName([]byte(r.Method)) || r.Method == "CONNECT" {
		add("method %q: a request that can be explained has a token, and not CONNECT", r.Method)
	}
	problems = append(problems, q.fields(r)...)
	if len(q.Body) > MaxBody {
		add("the body has more than %d bytes", MaxBody)
	}
	if q.Body != nil {
		r.Fields = append(r.Fields, rig.Field{Name: "content-length", Value: fmt.Sprint(len(q.Body))})
		if len(q.Body) > 0 {
			r.Body = [][]byte{q.Body}
		}
	}
	ip, err := netip.ParseAddr(cmp.Or(q.Client, "127.0.0.1"))
	if err != nil || ip.Zone() != "" {
		add("client %q is not an IP address", q.Client)
	}
	a.source = netip.AddrPortFrom(ip, clientPort)
	if q.Peer != "" && !strings.HasPrefix(q.Peer, "spiffe://") {
		add("peer %q is not a SPIFFE ID; write it like \"spiffe://example.org/web\"", q.Peer)
	}
	problems = append(problems, q.supposed()...)
	if err := errors.Join(problems...); err != nil {
		return a, &QuestionError{err}
	}
	return a, nil
}

// clientPort is that of the client's connection, which is never made.
const clientPort = 50000

// supposed checks what is supposed about clusters.
func (q *Question) supposed() (problems []error) {
	if q.Response != 0 && (q.Response < 200 || q.Response > 599) {
		problems = append(problems, fmt.Errorf("response %d is not a final status, 200 to 599", q.Response))
	}
	for name, status := range q.Answers {
		if status < 200 || status > 599 {
			problems = append(problems, fmt.Errorf("the answer of cluster %q: %d is not a final status, 200 to 599", name, status))
		}
	}
	return problems
}

// fields takes the question's header fields into the request.
func (q *Question) fields(r *rig.Request) (problems []error) {
	if len(q.Fields) > maxFields {
		return []error{fmt.Errorf("there are more than %d fields", maxFields)}
	}
	for _, f := range q.Fields {
		name, value := strings.ToLower(f.Name), strings.Trim(f.Value, " \t")
		switch {
		case !stream.ValidName([]byte(name)):
			problems = append(problems, fmt.Errorf("field %q: the name is not a token", f.Name))
		case !stream.ValidValue([]byte(value)) || len(value) > maxField:
			problems = append(problems, fmt.Errorf("field %q: the value has a control character, or more than %d bytes", f.Name, maxField))
		case framing(name):
			problems = append(problems, fmt.Errorf("field %q is about the connection or the body's length, which no filter sees as sent; leave it out", f.Name))
		case name == "host":
			r.Authority = value
		default:
			r.Fields = append(r.Fields, rig.Field{Name: name, Value: value})
		}
	}
	return problems
}

// framing says whether a field is of one connection, or frames the body.
func framing(name string) bool {
	switch name {
	case "connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect":
		return true
	}
	return false
}

func sides(role config.Role) string {
	var names []string
	for _, s := range role.Sides() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
