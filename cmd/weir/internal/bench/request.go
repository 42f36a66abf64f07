package bench

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/core/trial/rig"
)

// request is what is sent, by flags.
type request struct {
	method, path, host, body string
	headers                  []string
	status                   int
}

func (r *request) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&r.method, "method", "X", http.MethodGet, "the requests' `method`")
	f.StringVar(&r.path, "path", "/", "their `path`, with the query")
	f.StringVar(&r.host, "host", "bench.example", "their `host`")
	f.StringArrayVarP(&r.headers, "header", "H", nil, "a header `field`, as in \"x-api-key: k\"; may be given again")
	f.StringVarP(&r.body, "data", "d", "", "their body's `text`")
	f.IntVar(&r.status, "status", http.StatusOK, "the `status` that answers must have")
}

// fields are the header fields.
func (r *request) fields() (all []load.Field, err error) {
	for _, h := range r.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, fmt.Errorf("--header: %q has no colon; write it as in \"name: value\"", h)
		}
		all = append(all, load.Field{Name: name, Value: strings.TrimSpace(value)})
	}
	return all, nil
}

// wire is the request over the wire, native the same for filters in process, as
// the core would give it to them.
func (r *request) wire() (load.Request, error) {
	fields, err := r.fields()
	if err != nil {
		return load.Request{}, err
	}
	return load.NewRequest(r.method, r.path, r.host, fields, r.body)
}

func (r *request) native() (rig.Request, error) {
	if _, err := r.wire(); err != nil { // the same is wrong with both
		return rig.Request{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return rig.Request{}, err
	}
	n := rig.Request{Method: r.method, Path: r.path, Authority: r.host, Scheme: "http"}
	for _, f := range fields {
		n.Fields = append(n.Fields, rig.Field{Name: strings.ToLower(f.Name), Value: f.Value})
	}
	if r.body != "" {
		n.Body = [][]byte{[]byte(r.body)}
		n.Fields = append(n.Fields, rig.Field{Name: "content-length", Value: fmt.Sprint(len(r.body))})
	}
	return n, nil
}

// answered is what the server behind answers in process: what the one over the
// wire does.
func answered() rig.Response {
	return rig.Response{Status: http.StatusOK, Message: rig.Message{
		Fields: []rig.Field{{Name: "content-type", Value: "text/plain"}, {Name: "content-length", Value: "1024"}},
		Body:   [][]byte{[]byte(strings.Repeat("weir 1 KiB reply", 64))},
	}}
}
