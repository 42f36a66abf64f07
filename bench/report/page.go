package report

import (
	_ "embed"
	"fmt"
	"html"
	"io"
)

//go:embed page.css
var style string

// policy lets the page load nothing at all, wherever it is opened.
const policy = "default-src 'none'; style-src 'unsafe-inline'"

// WriteHTML shows a report as one page that needs nothing beside itself: no
// scripts, no network.
func (r *Report) WriteHTML(w io.Writer) error {
	out := &stopping{w: w}
	title := html.EscapeString(r.Kind + " " + r.Name)
	fmt.Fprintf(out, `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width">
<title>weir bench: %s</title>
<style>%s</style></head><body>
<h1>%s</h1>
`, policy, title, style, title)
	fmt.Fprintf(out, "<p class=\"small\">%s, %d CPUs, %s/%s</p>\n", r.Began.UTC().Format("2006-01-02 15:04 MST"),
		r.Machine.CPUs, html.EscapeString(r.Machine.OS), html.EscapeString(r.Machine.Arch))
	if r.Partial {
		fmt.Fprintln(out, `<p class="warning">Interrupted: this is what was measured until then.</p>`)
	}
	for i := range r.Tables {
		r.Tables[i].writeHTML(out)
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(out, "<h2>Notes</h2><ul>")
		for _, n := range r.Notes {
			fmt.Fprintf(out, "<li>%s</li>\n", html.EscapeString(n))
		}
		fmt.Fprintln(out, "</ul>")
	}
	fmt.Fprintln(out, `<p class="small">A bar is the median of the rounds, the line in it goes from the least to the most.</p>
</body></html>`)
	return out.err
}

func (t *Table) writeHTML(w io.Writer) {
	fmt.Fprintf(w, "<h2>%s</h2>\n<p>%s</p>\n<div class=\"wide\"><table><tr><th></th>", html.EscapeString(t.Title), html.EscapeString(t.About))
	for _, f := range t.Figures {
		fmt.Fprintf(w, "<th>%s</th>", html.EscapeString(f.Label))
	}
	fmt.Fprintln(w, "</tr>")
	for i := range t.Rows {
		fmt.Fprintf(w, "<tr><th>%s</th>", html.EscapeString(t.Rows[i].Name))
		for _, f := range t.Figures {
			fmt.Fprintf(w, "<td>%s</td>", t.Rows[i].cell(f.Key))
		}
		fmt.Fprintln(w, "</tr>")
	}
	fmt.Fprintln(w, "</table></div>\n<div class=\"charts\">")
	for _, f := range t.Figures {
		t.bars(w, f)
	}
	t.curves(w)
	fmt.Fprintln(w, "</div>")
}
