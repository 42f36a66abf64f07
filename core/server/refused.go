package server

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/weirproxy/weir/core/abi/proxywasm"
)

// filterProblem says why a filter cannot be had. What it refuses in its configuration
// is said as if the file's reader had found it: by the key, in its line.
func (b *builder) filterProblem(name string, err error) {
	key := "filters." + name
	refused, ok := errors.AsType[*proxywasm.RefusedError](err)
	switch {
	case !ok:
		b.problem(key, "%v", err)
	case len(refused.Log) == 0:
		b.problem(key+".config", "the filter refuses it, and does not say why; its README may")
	default:
		path, what := refusal(refused.Log)
		b.problem(key+".config"+path, "%s", what)
	}
}

// How filters that are made with our SDK for Go log what is wrong: the path of a key,
// and what of it.
var (
	ours       = regexp.MustCompile(`^configuring filter "[^"]*": (?:([A-Za-z0-9_.\[\]-]+): )?(.*)$`)
	unknownKey = regexp.MustCompile(`^unknown key "([A-Za-z0-9_-]+)"(.*)$`)
)

// refusal is what the lines say is wrong, and the path of the key in the filter's config
// that they say it of, which begins with a dot or a bracket; "" for the whole.
func refusal(log []string) (path, what string) {
	m := ours.FindStringSubmatch(log[len(log)-1])
	if m == nil {
		return "", "the filter refuses it; it logged: " + strings.Join(log, " | ")
	}
	path, what = m[1], m[2]
	if k := unknownKey.FindStringSubmatch(what); k != nil {
		path, what = fmt.Sprintf("%s.%s", path, k[1]), "unknown key"+k[2]
	}
	if path = strings.TrimPrefix(path, "."); path != "" && path[0] != '[' {
		path = "." + path
	}
	return path, what
}
