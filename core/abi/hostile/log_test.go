package hostile_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// said is what the log says of the hostile filter, each thing once.
func said(t *testing.T, log string) (lines []string) {
	t.Helper()
	for raw := range strings.Lines(log) {
		var line map[string]any
		if err := json.Unmarshal([]byte(raw), &line); err != nil {
			t.Errorf("a line of the log is none: %q", raw)
			continue
		}
		if line["filter"] != "hostile" && line["vm"] != "hostile" {
			continue
		}
		text := fmt.Sprintf("%s: %s", strings.ToLower(line["level"].(string)), usual(line["msg"].(string)))
		for _, key := range []string{"functions", "error", "said"} {
			if v, ok := line[key]; ok {
				text += fmt.Sprintf("\n  %s: %s", key, usual(fmt.Sprint(v)))
			}
		}
		if !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return lines
}

// usual is a text with what differs from run to run, and from machine to
// machine, as it mostly is.
func usual(text string) string {
	text = inFolder.ReplaceAllString(text, "$1")
	text = manyTimes.ReplaceAllStringFunc(text, func(s string) string { return fmt.Sprintf("%d times %c", len(s), s[0]) })
	text = deepFrames.ReplaceAllString(text, "$1\t…")
	return strings.ReplaceAll(text, "\n", "\n    ")
}

var (
	inFolder = regexp.MustCompile(`/[^" ]*/([^" /]*\.(?:wasm|toml))(?::\d+)?`)
	// deepFrames is a stack behind its first three frames.
	deepFrames = regexp.MustCompile(`((?:\n\t[^\n]*){3}\n)(?:\t[^\n]*\n?)+`)
	manyTimes  = regexp.MustCompile(`a{100,}`)
	// byClock is why a machine that is slow, or busy, ends a callback before its
	// guest could do what it is to be ended for.
	byClock = regexp.MustCompile(`a callback ran for \S+, much longer than its fuel is worth`)
	// spentWhere is the stack of a callback that spent its budget: slices of fuel
	// are shorter where a machine is slow, so that it ends elsewhere.
	spentWhere = regexp.MustCompile(`(burned more than its budget of fuel)(?:\n    .*)*`)
	// whyEnded is that reason or any other, with the stack.
	whyEnded = regexp.MustCompile(`(filter VM "hostile": ).*(?:\n    .*)*`)
)

// isPlain fails where a guest's text could have garbled or forged what an
// operator reads.
func isPlain(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s has %q in it: %.500q", what, r, text)
			return
		}
	}
}
