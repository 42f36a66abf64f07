package route

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// anyOf lists alternatives.
func anyOf(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "any of " + strings.Join(list, ", ")
}

// asks is a condition's source for people.
func asks(source string) string {
	pattern, isRegex := strings.CutPrefix(source, "~")
	switch {
	case source == "*":
		return "present"
	case source == "!":
		return "absent"
	case isRegex:
		return "like " + pattern
	}
	return strconv.Quote(source)
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
