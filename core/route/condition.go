package route

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// test is what a condition asks of a value.
type test uint8

const (
	testEqual test = iota
	testPresent
	testAbsent
	testRegex
)

// condition is what a match asks of one header or query parameter. Where a
// name comes more than once, one of its values has to pass; testAbsent asks
// that there is none.
type condition struct {
	name   string
	source string // as configured
	test   test
	regex  *regexp.Regexp // of the whole value
}

// compileCondition reads "value", "*", "!" or "~regular expression".
func compileCondition(name, source string) (condition, error) {
	c := condition{name: name, source: source}
	switch pattern, isRegex := strings.CutPrefix(source, "~"); {
	case source == "*":
		c.test = testPresent
	case source == "!":
		c.test = testAbsent
	case isRegex:
		c.test = testRegex
		var err error
		if c.regex, _, err = compileWhole(pattern); err != nil {
			return c, fmt.Errorf("%q: %w", name, err)
		}
	}
	return c, nil
}

// passes says whether value passes a test other than testAbsent.
func (c *condition) passes(value []byte) bool {
	switch c.test {
	case testEqual:
		return string(value) == c.source
	case testRegex:
		return c.regex.Match(value)
	}
	return true
}

func compileHeaders(headers map[string]string) ([]condition, error) {
	var list []condition
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(headers)) {
		name := strings.ToLower(key)
		switch {
		case !stream.ValidName([]byte(name)):
			return nil, fmt.Errorf("headers: %q is not a field name", key)
		case name == "host":
			return nil, fmt.Errorf("headers: %q: use hosts", key)
		case seen[name]:
			return nil, fmt.Errorf("headers: %q is there twice", name)
		}
		seen[name] = true
		c, err := compileCondition(name, headers[key])
		if err != nil {
			return nil, fmt.Errorf("headers: %w", err)
		}
		if c.test == testEqual && string(stream.TrimOWS([]byte(c.source))) != c.source {
			return nil, fmt.Errorf("headers: %q: no value has blanks around it, as %q has", key, c.source)
		}
		list = append(list, c)
	}
	return list, nil
}

func compileQuery(query map[string]string) ([]condition, error) {
	var list []condition
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name == "" {
			return nil, errors.New("query: a parameter has no name")
		}
		c, err := compileCondition(name, query[name])
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		list = append(list, c)
	}
	return list, nil
}

// header says whether fields meet the condition.
func (c *condition) header(fields []stream.Field) bool {
	for i := range fields {
		f := &fields[i]
		if len(f.Name) != len(c.name) || string(f.Name) != c.name {
			continue
		}
		if c.test == testAbsent {
			return false
		}
		if c.passes(f.Value) {
			return true
		}
	}
	return c.test == testAbsent
}
