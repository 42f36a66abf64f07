package explain

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/cmd/weir/internal/file"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/explain"
)

// question reads the command line.
func (o *options) question(url string) (*explain.Question, error) {
	q := &explain.Question{
		Method: o.method, URL: url, Side: config.Side(o.side), Client: o.client, Peer: o.peer,
		Response: o.response, ShowSecrets: o.showsAll, Answers: map[string]int{},
	}
	var problems []error
	for _, f := range o.fields {
		name, value, ok := strings.Cut(f, ":")
		if !ok {
			problems = append(problems, fmt.Errorf("-H %q: write it like \"name: value\"", f))
			continue
		}
		q.Fields = append(q.Fields, explain.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	for _, a := range o.answers {
		name, text, _ := strings.Cut(a, "=")
		status, err := strconv.Atoi(text)
		if err != nil || name == "" {
			problems = append(problems, fmt.Errorf("--answer %q: write it like \"auth=200\"", a))
			continue
		}
		q.Answers[name] = status
	}
	if path, ok := strings.CutPrefix(o.data, "@"); ok {
		var err error
		if q.Body, err = file.Read(path, explain.MaxBody); err != nil {
			problems = append(problems, fmt.Errorf("--data: %w", err))
		}
	} else if o.data != "" {
		q.Body = []byte(o.data)
	}
	return q, errors.Join(problems...)
}
