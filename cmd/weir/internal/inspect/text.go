package inspect

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// text writes the report for people.
func (r *report) text(w io.Writer, under string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", plain(r.File))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row(t, "sha256", r.SHA256)
	row(t, "size", fmt.Sprintf("%d bytes", r.Size))
	if r.Module != nil {
		r.Module.facts(t)
		r.Module.ports(t)
	}
	_ = t.Flush() // into memory
	b = trimmed(&b)
	for _, v := range r.Verdicts {
		v.text(&b, under)
	}
	_, err := b.WriteTo(w)
	return err
}

// trimmed is a table without the blanks behind its last cells.
func trimmed(table *bytes.Buffer) (out bytes.Buffer) {
	for line := range strings.Lines(table.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out
}

func row(t io.Writer, name, value string) { fmt.Fprintf(t, "  %s\t%s\n", name, value) }

// facts are what is said in a line.
func (m *module) facts(t io.Writer) {
	row(t, "ABI", m.ABI.text())
	row(t, "language", m.Language.text())
	for _, p := range m.Producers {
		row(t, "", plain(strings.TrimSpace(p.Field+" "+p.Name+" "+p.Version)))
	}
	row(t, "phases", listed(m.Phases))
	if len(m.Connections) > 0 {
		row(t, "connections", listed(m.Connections))
	}
	row(t, "memory", m.Memory.text())
	row(t, "tables", m.Tables.text())
	row(t, "functions", fmt.Sprintf("%d, %s metered", m.Functions, count(m.Loops, "loop")))
	row(t, "recursion", m.Recursion.text())
	row(t, "start", listed(m.Start))
	if m.Native != nil {
		row(t, "native code", fmt.Sprintf("%d bytes, compiled in %.0f ms", m.Native.Bytes, m.Native.TookMS))
	}
	var sections []string
	for _, s := range m.Sections {
		sections = append(sections, fmt.Sprintf("%s (%d bytes)", plain(s.Name), s.Size))
	}
	row(t, "custom sections", listed(sections))
	row(t, "signature in it", m.Signature.text())
}

func (s signed) text() string {
	var all []string
	for i, by := range s.By {
		if i == mostSigners {
			all = append(all, fmt.Sprintf("%d more", len(s.By)-i))
			break
		}
		text := "by a key without an id"
		if by.KeyID != "" {
			text = "by key id " + plain(by.KeyID)
		}
		if !by.Whole {
			text += " (of another content)"
		}
		all = append(all, text)
	}
	if s.Problem != "" {
		all = append(all, plain(s.Problem))
	}
	return listed(all)
}

// mostSigners is how many are listed.
const mostSigners = 5

func (n named) text() string {
	s := strings.TrimSpace(n.Name + " " + plain(n.Version))
	if n.Why != "" {
		s += ": " + visible(n.Why)
	}
	return s
}

const pageKiB = 64

func (m memory) text() string {
	s := fmt.Sprintf("%s at the start (%d KiB)", count(int(m.Min), "page"), m.Min*pageKiB)
	switch {
	case !m.Fits:
		return s + fmt.Sprintf(", more than the limit of %d", m.Limit)
	case m.Max == 0 || m.Max > m.Limit:
		return s + fmt.Sprintf(", at most %d, the limit", m.Limit)
	}
	return s + fmt.Sprintf(", at most %d, its own maximum", m.Max)
}

func (r recursion) text() string {
	if r.Functions == 0 {
		return "none"
	}
	return fmt.Sprintf("in %s, at most %d calls deep (%d KiB of stack)", count(r.Functions, "function"), r.Deepest, r.Stack>>10)
}

func (t tables) text() string {
	if t.Count == 0 {
		return "none"
	}
	return fmt.Sprintf("%d, of %s at the start", t.Count, count(t.Entries, "element"))
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// ports lists all imports, and the exports that mean something to the host.
func (m *module) ports(t io.Writer) {
	if len(m.Imports) > 0 {
		fmt.Fprintf(t, "imports\n")
	}
	for _, p := range m.Imports {
		note := string(p.State)
		if p.State == supported {
			note = ""
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", plain(p.Module+"."+p.Name), p.Type, plain(join(note, p.Note)))
	}
	if len(m.Exports) > 0 {
		fmt.Fprintf(t, "exports\n")
	}
	others := 0
	for _, p := range m.Exports {
		if p.Note == "" {
			others++
			continue
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", plain(p.Name), p.Type, p.Note)
	}
	if others > 0 {
		fmt.Fprintf(t, "  and %d that the host does not look at\n", others)
	}
}

func (v *verdict) text(w io.Writer, under string) {
	by := "the defaults"
	switch {
	case v.Filter != "":
		by = fmt.Sprintf("filter %q of %s", v.Filter, under)
	case under != "":
		by = fmt.Sprintf("[wasm] of %s, in which no filter is of this module", under)
	}
	word := "admitted"
	if !v.Admitted {
		word = "refused"
	}
	fmt.Fprintf(w, "%s under %s (%d MiB of memory, %s and %d host calls a callback)\n", word, by, v.Memory*pageKiB>>10, v.Budget, v.Calls)
	for _, reason := range v.Reasons {
		for i, line := range strings.Split(reason, "\n") {
			fmt.Fprintf(w, "  %s%s\n", strings.Repeat("  ", min(i, 1)), visible(line))
		}
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func join(a, b string) string {
	if a != "" && b != "" {
		return a + ": " + b
	}
	return a + b
}

// longest is how much of a name is shown, in bytes.
const longest = 120

// plain is a name that the module has, cut to what a line can show.
func plain(s string) string {
	if len(s) > longest {
		cut := longest
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return visible(s)
}

// visible is a text with what a terminal would not show, or would obey, written
// out.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}
