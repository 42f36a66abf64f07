package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/weirproxy/weir/core/server"
)

// Live answers a question, in JSON, about what runs: server.Options.Explain. It
// tells no secrets: the operator's door does not either.
func Live(ctx context.Context, r server.Running, question io.Reader) (any, error) {
	d := json.NewDecoder(question)
	d.DisallowUnknownFields()
	q := new(Question)
	if err := d.Decode(q); err != nil {
		return nil, &QuestionError{fmt.Errorf("reading the question: %w", err)}
	}
	if d.More() {
		return nil, &QuestionError{errors.New("reading the question: there is something behind it")}
	}
	if q.ShowSecrets {
		return nil, &QuestionError{errors.New("show_secrets: a running process tells no secrets")}
	}
	w := World{Config: r.Config, Engine: r.Engine, Builtins: r.Builtins, Version: r.Version, Running: r.Clusters}
	report, err := w.Explain(ctx, q)
	if err != nil {
		return nil, err
	}
	return report, nil
}
