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
	fmt.Fprintf(out, "# Results\n\nMade by `weir bench %s` on %s.\n\n| | |\n|---|---|\n| machine | %s |\n| programs | %s |\n",
		r.Kind, r.Began.UTC().Format("2006-01-02"), cells.Replace(r.Machine.String()), cells.Replace(r.programs()))
	if r.Partial {
		fmt.Fprintf(out, "\n**%s**\n", endedEarly)
	}
	fmt.Fprintln(out, "\nA figure is the median of the rounds; in brackets are the least and the most. Compare within a table, not between tables.")
	legend := r.legend()
	if len(legend) > 0 {
		fmt.Fprint(out, "\n| column | is |\n|---|---|\n")
	}
	for _, f := range legend {
		fmt.Fprintf(out, "| %s | %s |\n", cells.Replace(f.Label), cells.Replace(f.About))
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
	level := "##"
	if t.Part {
		level = "###"
	}
	fmt.Fprintf(w, "\n%s %s\n\n", level, cells.Replace(t.Title))
	if t.About != "" {
		fmt.Fprintf(w, "%s\n\n", cells.Replace(t.About))
	}
	fmt.Fprintf(w, "| %s |", t.roundsText())
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

// roundsText is in the corner of a table.
func (t *Table) roundsText() string {
	if n := t.rounds(); n != 1 {
		return fmt.Sprintf("%d rounds", n)
	}
	return "1 round"
}
