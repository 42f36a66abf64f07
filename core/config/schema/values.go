package main

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	durationPattern = `([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+`
	sizePattern     = `^(0|[0-9]*\.?[0-9]*(B|kB|MB|GB|KiB|MiB|GiB))$`
)

// patterns are the formats of check tags that a pattern can say. Where a
// string may be empty for "not given", so may the pattern's.
var patterns = map[string]string{
	"name":   `[a-z0-9_-]{1,100}`,
	"sha256": `[0-9a-fA-F]{64}`,
	"path":   `/[^?# ]*`,
	"token":  "[-A-Za-z0-9!#$%&'*+.^_`|~]+",
	"method": "[-A-Z0-9!#$%&'*+.^_`|~]+",
	"listen": `.*:[0-9]{1,5}`,
	"cidr":   `[0-9a-fA-F.:]+/[0-9]{1,3}`,
	"memory": `auto|off|[0-9]*\.?[0-9]*(B|kB|MB|GB|KiB|MiB|GiB)`,
}

// duration is a string with units, or "off" where the key allows it.
func duration(rule map[string]string) object {
	pattern := "^(0|" + durationPattern + ")$"
	if _, ok := rule["off"]; ok {
		pattern = "^(0|off|" + durationPattern + ")$"
	}
	return object{"type": "string", "pattern": pattern}
}

// size is a string, or the number 0, which needs no unit.
func size() object {
	return object{"anyOf": []object{{"type": "string", "pattern": sizePattern}, {"const": 0}}}
}

func number(kind string, rule map[string]string) (object, error) {
	o := object{"type": kind}
	for name, key := range map[string]string{"min": "minimum", "max": "maximum"} {
		if bound, ok := rule[name]; ok {
			n, err := strconv.ParseFloat(bound, 64)
			if err != nil {
				return nil, fmt.Errorf("bound %s: %w", name, err)
			}
			o[key] = n
		}
	}
	return o, nil
}

func str(rule map[string]string) object {
	o := object{"type": "string"}
	if choices, ok := rule["oneof"]; ok {
		o["enum"] = strings.Split(choices, "|")
	}
	if pattern, ok := patterns[rule["is"]]; ok {
		o["pattern"] = "^(|" + pattern + ")$"
	}
	if rule["min"] == "1" {
		o["minLength"] = 1
	}
	return o
}
