package report

import (
	"strings"
	"unicode"
)

// printable leaves nothing in a report that a terminal obeys: its text may be of
// anybody.
func (r *Report) printable() {
	texts := []*string{&r.Kind, &r.Name, &r.Machine.OS, &r.Machine.Arch, &r.Machine.Model, &r.Machine.Kernel}
	for i := range r.Notes {
		texts = append(texts, &r.Notes[i])
	}
	for i := range r.Programs {
		texts = append(texts, &r.Programs[i].Name, &r.Programs[i].Version)
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		texts = append(texts, &t.Title, &t.About)
		for j := range t.Figures {
			texts = append(texts, &t.Figures[j].Key, &t.Figures[j].Label, &t.Figures[j].About)
		}
		for j := range t.Rows {
			texts = append(texts, &t.Rows[j].Name)
		}
	}
	for _, text := range texts {
		*text = strings.Map(func(c rune) rune {
			if unicode.IsPrint(c) {
				return c
			}
			return ' '
		}, *text)
	}
}
