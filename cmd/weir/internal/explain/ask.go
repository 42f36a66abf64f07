package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/explain"
	"github.com/weirproxy/weir/core/server"
)

// offline answers by the file alone.
func (o *options) offline(ctx context.Context, q *explain.Question) (*explain.Report, error) {
	cfg, err := config.Load(o.file, o.above)
	if err != nil {
		return nil, err
	}
	engine, err := server.OpenEngine(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	w := explain.World{Config: cfg, Engine: engine, Builtins: bundled.Filters{}, Version: run.Version()}
	r, err := w.Explain(ctx, q)
	if wrong := (*explain.QuestionError)(nil); errors.As(err, &wrong) {
		return nil, exit.With(2, err)
	}
	return r, err
}

// running asks a process.
func (o *options) running(ctx context.Context, q *explain.Question) (*explain.Report, error) {
	if q.ShowSecrets {
		return nil, exit.With(2, errors.New("--show-secrets: a running process tells no secrets; leave it out, or ask by the file alone"))
	}
	if o.admin == "" {
		cfg, err := config.Load(o.file, o.above)
		if err != nil {
			return nil, err
		}
		if o.admin = cfg.Admin.Listen; o.admin == "" {
			return nil, fmt.Errorf("%s: admin.listen is empty, so that nobody can be asked; name an address with --admin", o.file)
		}
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, url := dial(o.admin)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, exit.With(2, fmt.Errorf("--admin %q: write it like \"127.0.0.1:9901\" or \"unix:/run/weir.sock\"", o.admin))
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the process at %s: %w; does it run, with this admin address?", o.admin, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", o.admin, err)
	}
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest:
		return nil, exit.With(2, errors.New(strings.TrimSpace(string(text))))
	default:
		return nil, fmt.Errorf("the process at %s answers %d: %s", o.admin, res.StatusCode, strings.TrimSpace(string(text)))
	}
	r := new(explain.Report)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", o.admin, err)
	}
	return r, nil
}

const (
	patience  = time.Minute
	maxAnswer = 16 << 20 // bytes
)

// dial is how an admin address is asked.
func dial(addr string) (*http.Client, string) {
	t := &http.Transport{DisableKeepAlives: true}
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		addr = "localhost"
	}
	return &http.Client{Transport: t}, "http://" + addr + "/explain"
}
