package core_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// A link of a page: its target in parentheses, or behind a reference's name.
	inlineLink    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	referenceLink = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)$`)
	fenced        = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	coded         = regexp.MustCompile("`[^`\n]*`")
	headings      = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unanchored    = regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`)
)

// anchors are those of a page's headings, as GitHub makes them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, m := range headings.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		found[strings.ReplaceAll(unanchored.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

// eachPage calls do for every Markdown file of the repository, by its path there.
func eachPage(t *testing.T, do func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "target") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err == nil {
			do(path, string(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLinks: what a page links to within the repository is there, headings too.
func TestLinks(t *testing.T) {
	checked := 0
	eachPage(t, func(path, text string) {
		plain := coded.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
		for _, m := range append(inlineLink.FindAllStringSubmatch(plain, -1), referenceLink.FindAllStringSubmatch(plain, -1)...) {
			file, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(file, ":") {
				continue // another place
			}
			checked++
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			info, err := os.Stat(target)
			switch {
			case err != nil:
				t.Errorf("%s: %s leads nowhere", path, m[1])
			case anchor == "":
			case info.IsDir():
				t.Errorf("%s: %s: a folder has no headings", path, m[1])
			default:
				b, err := os.ReadFile(target)
				if err != nil {
					t.Fatal(err)
				}
				if !anchors(string(b))[anchor] {
					t.Errorf("%s: %s has no such heading", path, m[1])
				}
			}
		}
	})
	if checked < 100 {
		t.Errorf("%d links were looked at", checked)
	}
}

// TestREADMELeads: who comes new reads one page of bearable length, and finds all others
// from there: those of docs by their index too.
func TestREADMELeads(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 200 {
		t.Errorf("README.md has %d lines, more than 200: it is for who comes new, and docs for the rest", n)
	}
	index, err := os.ReadFile("../docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("docs has the pages %q, %v", pages, err)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		if !strings.Contains(string(text), "(docs/"+name+")") {
			t.Errorf("README.md does not lead to docs/%s", name)
		}
		if name != "README.md" && !strings.Contains(string(index), "("+name+")") {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}

// TestArchitectureNamesFiles: what ARCHITECTURE.md says to open is there.
func TestArchitectureNamesFiles(t *testing.T) {
	b, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "\n## To change X, open Y\n")
	table, _, _ = strings.Cut(table, "\n## ")
	named := regexp.MustCompile("`([^` ]+)`")
	checked := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) != 4 {
			continue
		}
		folder := "" // of the file that was named last
		for _, m := range named.FindAllStringSubmatch(cells[2], -1) {
			path := m[1]
			isPath := strings.Contains(path, "/") || strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".md")
			if !isPath || strings.ContainsAny(path, "<*") {
				continue
			}
			if !strings.Contains(path, "/") {
				path = filepath.Join(folder, path)
			}
			info, err := os.Stat(filepath.Join("..", path))
			if err != nil {
				t.Errorf("%s: there is no %s", strings.TrimSpace(cells[1]), path)
				continue
			}
			if folder = path; !info.IsDir() {
				folder = filepath.Dir(path)
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("%d files were looked for", checked)
	}
}
