package report

import (
	"fmt"
	"io"
	"strings"
)

// cells keeps what would end one out of it.
var cells = strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;")

// WriteMarkdown shows the tables of a report in a document.
func (r *Report) WriteMarkdown(w io.Writer) error {
	out := &stopping{w: w}
	fmt.Fprintf(out, "# Results\n\nMade by `weir bench %s` on %s: %d CPUs, %s/%s. A figure is the median of the rounds, in brackets\nthe least and the most. Compare within a table, not between tables.\n",
		r.Kind, r.Began.UTC().Format("2006-01-02"), r.Machine.CPUs, r.Machine.OS, r.Machine.Arch)
	if r.Partial {
		fmt.Fprintln(out, "\nInterrupted: this is what was measured until then.")
	}
	for i := range r.Tables {
		r.Tables[i].writeMarkdown(out)
	}
	for i, n := range r.Notes {
		if i == 0 {
			fmt.Fprint(out, "\n## Notes\n\n")
		}
		fmt.Fprintf(out, "- %s\n", cells.Replace(n))
	}
	return out.err
}

func (t *Table) writeMarkdown(w io.Writer) {
	fmt.Fprintf(w, "\n## %s\n\n", cells.Replace(t.Title))
	if t.About != "" {
		fmt.Fprintf(w, "%s\n\n", cells.Replace(t.About))
	}
	fmt.Fprint(w, "| |")
	for _, f := range t.Figures {
		fmt.Fprintf(w, " %s |", cells.Replace(f.Label))
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---:|", len(t.Figures)))
	for i := range t.Rows {
		fmt.Fprintf(w, "| %s |", cells.Replace(t.Rows[i].Name))
		for _, f := range t.Figures {
			fmt.Fprintf(w, " %s |", t.Rows[i].cell(f.Key))
		}
		fmt.Fprintln(w)
	}
}
