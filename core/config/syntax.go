package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// parseTOML reads a text into tables. The problem is one of syntax: there is
// never more than the first. The library panics on some texts that it finds
// impossible, which is a problem like any other here.
func parseTOML(name, text string) (file map[string]any, problem *Problem) {
	defer func() {
		if p := recover(); p != nil {
			problem = &Problem{File: name, Line: 1, Message: fmt.Sprintf("is not TOML: %v", p)}
		}
	}()
	if line := tooDeep(text); line > 0 {
		return nil, &Problem{File: name, Line: line, Message: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
	}
	_, err := toml.Decode(text, &file)
	if err == nil {
		return file, nil
	}
	problem = &Problem{File: name, Line: 1, Message: "is not TOML: " + err.Error()}
	if e, ok := errors.AsType[toml.ParseError](err); ok {
		problem.Line, problem.Column = place(text, e.Position)
		problem.Message = "is not TOML: " + phrase(e.Message)
		if bare := unquoted.FindStringSubmatch(e.Message); bare != nil {
			problem.Message += fmt.Sprintf("; a text stands in quotes: %q", bare[1])
		}
	}
	return nil, problem
}

// unquoted is what the library says of a text that stands where a value should.
var unquoted = regexp.MustCompile(`^expected value but found "([A-Za-z][\w.:/-]*)" instead`)

// phrase is a sentence of the library's as a part of one of ours, in one line.
func phrase(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	second, _ := utf8.DecodeRuneInString(sentence[size:])
	var b strings.Builder
	if !unicode.IsUpper(second) { // not an abbreviation
		b.WriteRune(unicode.ToLower(first))
		sentence = sentence[size:]
	}
	for _, r := range strings.TrimSuffix(sentence, ".") {
		if unicode.IsControl(r) {
			fmt.Fprintf(&b, "\\x%02x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// place is a position's line and column. The library's own column counts from
// the line before where an error is at the very start of one.
func place(text string, p toml.Position) (line, column int) {
	at := min(max(p.Start, 0), len(text))
	line = strings.Count(text[:at], "\n") + 1
	return line, at - strings.LastIndexByte(text[:at], '\n')
}
