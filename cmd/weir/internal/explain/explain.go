// Package explain is "weir explain": it says what becomes of a request, and why.
package explain

import (
	"encoding/json"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/explain"
)

// options are the command's.
type options struct {
	file                 string
	above                config.Overrides
	method, data, side   string
	client, peer         string
	fields, answers      []string
	response             int
	json, live, showsAll bool
	admin                string
}

// Command is the command.
func Command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "explain URL",
		Short: "Say what becomes of a request, and why",
		Long: `Say what a configuration makes of a request: the normal form of its path, its route
and why it is no other, each filter with its verdict and what it changes, the cluster,
the endpoint, time-outs and retries. Filters run for real, in instances of their own;
nothing is sent, counted or remembered. What they ask of a cluster fails, as if nobody
could be connected to, unless --answer says how it is answered. With --live, the same by
the configuration and the endpoints of a running process, at its admin address.
Values that look like secrets are masked. The exit code is 0 whatever becomes of the
request, 1 if that cannot be found out, 2 if the question is wrong.`,
		Example: `  weir explain http://localhost:8080/private
  weir explain -X POST https://api.example.com/orders -H 'x-api-key: k' --data @order.json
  weir explain --role sidecar --on inbound --peer spiffe://example.org/web http://app/
  weir explain --live --json http://localhost:8080/`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q, err := o.question(args[0])
			if err != nil {
				return exit.With(2, err)
			}
			answer := o.offline
			if o.live || o.admin != "" {
				answer = o.running
			}
			r, err := answer(c.Context(), q)
			if err != nil {
				return err
			}
			return o.write(c.OutOrStdout(), r)
		},
	}
	run.Flags(c, &o.file, &o.above)
	f := c.Flags()
	f.StringVarP(&o.method, "request", "X", "", "`method` (default GET, with --data POST)")
	f.StringArrayVarP(&o.fields, "header", "H", nil, "`field` \"name: value\", as often as there are")
	f.StringVarP(&o.data, "data", "d", "", "body: `text`, or @file")
	f.StringVar(&o.side, "on", "", "`side` it comes in at: gateway, inbound or outbound (default the role's first)")
	f.StringVar(&o.client, "client", "", "IP `address` of the client (default 127.0.0.1)")
	f.StringVar(&o.peer, "peer", "", "SPIFFE `ID` of the client's certificate")
	f.StringArrayVar(&o.answers, "answer", nil, "`CLUSTER=STATUS` with which a cluster answers what filters ask it")
	f.IntVar(&o.response, "response", 0, "`status` of the upstream's response, for what filters do with it")
	f.BoolVar(&o.json, "json", false, "write JSON: core/explain/README.md says what is in it")
	f.BoolVar(&o.live, "live", false, "ask the process at the file's admin.listen")
	f.StringVar(&o.admin, "admin", "", "ask the process at this `address`, host:port or unix:/path")
	f.BoolVar(&o.showsAll, "show-secrets", false, "mask nothing; not with --live")
	return c
}

// write writes the report as it is wished for.
func (o *options) write(w io.Writer, r *explain.Report) error {
	if o.json {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	return r.Write(w, terminal(w))
}

// terminal says whether w is one that shows colours.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
