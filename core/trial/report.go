package trial

import (
	"fmt"
	"io"
	"strings"
)

// Report writes what came of a case, for people.
func (r *Result) Report(w io.Writer) {
	at := fmt.Sprintf("%s:%d", r.Suite.Path, r.Case.Line)
	if r.Passed() {
		fmt.Fprintf(w, "ok    %s  %s\n", at, r.Case.Name)
		return
	}
	fmt.Fprintf(w, "FAIL  %s  %s\n", at, r.Case.Name)
	io.WriteString(w, indent(r.Difference(), "      "))
}

// Difference is all that is not as the case wants it, a few lines each.
func (r *Result) Difference() string {
	var b strings.Builder
	for i := range r.Mismatches {
		m := &r.Mismatches[i]
		fmt.Fprintf(&b, "%s:%d:", r.Suite.Path, m.Line)
		if m.Key != "" {
			b.WriteString(" " + m.Key)
		}
		if m.Message != "" {
			if m.Key != "" {
				b.WriteString(":")
			}
			b.WriteString(" " + m.Message)
		}
		b.WriteString("\n")
		if m.Message == "" {
			fmt.Fprintf(&b, "  expected  %s\n", hang(m.Expected))
			fmt.Fprintf(&b, "  was       %s\n", hang(m.Found))
		}
	}
	return b.String()
}

// hang is a value of several lines in the column of its first.
func hang(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\n"), "\n", "\n            ")
}

// indent puts a margin before each line.
func indent(s, margin string) string {
	if s == "" {
		return ""
	}
	return margin + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n"+margin) + "\n"
}

// Summary is the last line of a run.
func Summary(passed, failed int) string {
	if failed == 0 {
		return fmt.Sprintf("%d passed", passed)
	}
	return fmt.Sprintf("%d of %d failed", failed, passed+failed)
}
