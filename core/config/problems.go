package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File    string // as given to Load; "" for a value that is not from a file
	Line    int    // from 1; 0 where there is none
	Column  int    // from 1, of syntax errors only; 0 otherwise
	Key     string // path of the key, as in `routes[0].match.path`; may be ""
	Message string // what is wrong, and what to do about it
}

// Error is "file:line: key: message".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Column > 0 {
		fmt.Fprintf(&b, ":%d", p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is all that is wrong, in the order of the lines. It is the error
// of [Load], [Parse] and [Config.Validate].
type Problems []Problem

// Error has one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each problem to errors.As.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// source is where a configuration is from.
type source struct {
	file  string
	lines lines
	set   lines // keys that stand above the file
}

// Problem is one that came to light after loading, in its place in the file:
// a module that does not compile, a port that is taken. key is the path of
// the key it is about.
func (c *Config) Problem(key, message string) Problem {
	p := Problem{Key: key, Message: message}
	switch s := c.source; {
	case s == nil:
	case s.set.under(key, s.lines):
		p.File = fromSet
	default:
		p.File, p.Line = s.file, s.lines.of(key)
	}
	return p
}

// report collects problems while a configuration is looked at.
type report struct {
	found   Problems
	covered map[string]bool // keys whose value was not taken: nothing more is said of them
}

// add notes a problem of a key.
func (r *report) add(key, format string, args ...any) {
	r.found = append(r.found, Problem{Key: key, Message: fmt.Sprintf(format, args...)})
}

// reject notes a problem of a key whose value is not taken, so that what is
// found missing for that reason is not reported too.
func (r *report) reject(key, format string, args ...any) {
	r.cover(key)
	r.add(key, format, args...)
}

// cover says that a key was meant to be given.
func (r *report) cover(key string) {
	if r.covered == nil {
		r.covered = map[string]bool{}
	}
	r.covered[key] = true
	for _, pair := range [][2]string{{".module", ".use"}, {".clusters", ".cluster"}} {
		if table, ok := strings.CutSuffix(key, pair[0]); ok {
			r.covered[table+pair[1]] = true // one of the two is enough
		}
	}
}

// merge adds what another look found, but for keys that are covered, and those in
// tables that are.
func (r *report) merge(more Problems) {
	for _, p := range more {
		if !r.covers(p.Key) {
			r.found = append(r.found, p)
		}
	}
}

// covers says whether a key, or the table it is in, is covered.
func (r *report) covers(key string) bool { return r.covered[key] || r.covered[parent(key)] }

// in gives the problems their places in a file, in its order. A file may have no
// lines that are known.
func (r *report) in(file string, at lines) Problems {
	for i := range r.found {
		p := &r.found[i]
		if p.File = file; at != nil {
			p.Line = at.of(p.Key)
		}
	}
	slices.SortStableFunc(r.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	return r.found
}
