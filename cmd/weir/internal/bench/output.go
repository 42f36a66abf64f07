package bench

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/report"
)

// output is where a report goes beside the terminal.
type output struct{ json, html, markdown string }

func (o *output) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.json, "json", "", "also write the figures as JSON to a `file`, for \"weir bench compare\"")
	c.Flags().StringVar(&o.markdown, "markdown", "", "also write the tables as Markdown to a `file`")
	c.Flags().StringVar(&o.html, "html", "", "also write a page with charts to a `file`; it needs nothing beside itself")
}

func (o *output) write(w io.Writer, r *report.Report) error {
	columns := 0
	if f, ok := w.(*os.File); ok {
		columns, _ = terminal(f)
	}
	return errors.Join(r.WriteText(w, columns), toFile("--json", o.json, r.WriteJSON), toFile("--html", o.html, r.WriteHTML),
		toFile("--markdown", o.markdown, r.WriteMarkdown))
}

// toFile writes to a file, if there is to be one.
func toFile(flag, path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return errors.Join(write(f), f.Close())
}
