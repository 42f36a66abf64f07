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
	title := html.EscapeString("weir bench " + r.Kind)
	name := html.EscapeString(r.Name)
	fmt.Fprintf(out, `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width">
<title>%s: %s</title>
<style>%s</style></head><body>
<h1>%[2]s</h1>
<p>%[3]s</p>
`, policy, title, name, style)
	fmt.Fprintf(out, "<p class=\"small\">%s<br>%s<br>%s</p>\n", r.Began.UTC().Format("2006-01-02 15:04 MST"),
		html.EscapeString(r.Machine.String()), html.EscapeString(r.programs()))
	if r.Partial {
		fmt.Fprintf(out, "<p class=\"warning\">%s</p>\n", endedEarly)
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
	fmt.Fprintln(out, "<h2>How to read this</h2>\n<p>A figure, and a bar, is the median of the rounds. Below it, and by a line in the bar, are the least and the most. Compare within a table, not between tables.</p>\n<dl>")
	for _, f := range r.legend() {
		fmt.Fprintf(out, "<dt>%s</dt><dd>%s</dd>\n", html.EscapeString(f.Label), html.EscapeString(f.About))
	}
	fmt.Fprintln(out, "</dl>\n</body></html>")
	return out.err
}

func (t *Table) writeHTML(w io.Writer) {
	level := 2
	if t.Part {
		level = 3
	}
	fmt.Fprintf(w, "<h%d>%s</h%[1]d>\n", level, html.EscapeString(t.Title))
	if t.About != "" {
		fmt.Fprintf(w, "<p>%s</p>\n", html.EscapeString(t.About))
	}
	fmt.Fprintf(w, "<div class=\"wide\"><table><tr><th>%s</th>", t.roundsText())
	for _, f := range t.Figures {
		fmt.Fprintf(w, "<th>%s</th>", html.EscapeString(f.Label))
	}
	fmt.Fprintln(w, "</tr>")
	for i := range t.Rows {
		fmt.Fprintf(w, "<tr><th>%s</th>", html.EscapeString(t.Rows[i].Name))
		for _, f := range t.Figures {
			median, spread := t.Rows[i].parts(f.Key)
			fmt.Fprintf(w, "<td>%s<small>%s</small></td>", median, spread)
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
