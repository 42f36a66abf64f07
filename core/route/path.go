package route

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/weirproxy/weir/core/config"
)

// pathKind is how a match names its path.
type pathKind uint8

// The kinds, the most specific first.
const (
	pathExact pathKind = iota
	pathTemplate
	pathRegex
	pathPrefix
	pathNone
)

// String is the kind's key in the configuration.
func (k pathKind) String() string {
	return [...]string{"path", "path_template", "path_regex", "path_prefix", "no path"}[k]
}

// path is what a match asks of the path.
type path struct {
	kind     pathKind
	source   string    // as configured
	text     string    // the path, the prefix, or what a regular expression begins with
	segments []segment // of a template
	parts    []string  // names of its parts
	regex    *regexp.Regexp
}

// compilePath reads the path of a match, of which there is at most one.
func compilePath(c *config.Match) (path, error) {
	found := path{kind: pathNone}
	for kind, source := range [...]string{c.Path, c.PathTemplate, c.PathRegex, c.PathPrefix} {
		switch {
		case source == "":
		case found.kind != pathNone:
			return path{}, fmt.Errorf("%s and %s exclude each other", found.kind, pathKind(kind))
		default:
			found = path{kind: pathKind(kind), source: source, text: source}
		}
	}
	if err := found.compile(); err != nil {
		return path{}, fmt.Errorf("%s: %w", found.kind, err)
	}
	return found, nil
}

func (p *path) compile() (err error) {
	switch p.kind {
	case pathExact, pathPrefix:
		return checkLiteral(p.text)
	case pathTemplate:
		if p.source[0] != '/' {
			return fmt.Errorf("%q does not begin with a slash", p.source)
		}
		if p.segments, p.parts, err = parseTemplate(p.source); err != nil {
			return fmt.Errorf("%q: %w", p.source, err)
		}
	case pathRegex:
		if p.regex, p.text, err = compileWhole(p.source); err != nil {
			return err
		}
		if p.text != "" && p.text[0] != '/' {
			return fmt.Errorf("regular expression %q matches no path: paths begin with a slash", p.source)
		}
	}
	return nil
}

// lenient changes only what every policy changes.
var lenient = &Normalizer{config.PathKeep, config.PathKeep, config.PathKeep, config.PathKeep}

// checkLiteral refuses text that no path in normal form can hold.
func checkLiteral(text string) error {
	if text[0] != '/' {
		return fmt.Errorf("%q does not begin with a slash", text)
	}
	for i := range len(text) {
		if text[i] == '?' {
			return fmt.Errorf("%q has a query: use query for its parameters", text)
		}
	}
	var scratch []byte
	normal, err := lenient.Normalize([]byte(text), &scratch)
	switch {
	case errors.Is(err, errRawByte):
		return fmt.Errorf("%q: control characters, blanks, \"#\" and what is not ASCII must be escaped, as in %q", text, "/a%20b")
	case err != nil:
		return fmt.Errorf("%q can match no request: %w", text, err)
	case string(normal) != text:
		return fmt.Errorf("%q is not in normal form: write %q", text, normal)
	}
	return nil
}
