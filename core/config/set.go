package config

import "slices"

// fromSet is where a problem of a setting from outside the file is.
const fromSet = "--set"

// form is what a setting looks like.
const form = `; write KEY=VALUE as in the file: 'gateway.listen = ["127.0.0.1:8080"]'`

// lay puts settings above a parsed file. Each is a line as a file has it, `gateway.listen
// = ["127.0.0.1:0"]`: tables are merged key by key, anything else is replaced, and a later
// setting stands above those before it. keys are those that they give.
func lay(settings []string, file map[string]any) (keys lines, problems Problems) {
	keys = lines{}
	for _, text := range settings {
		above, problem := parseTOML(fromSet, text)
		switch {
		case problem != nil:
			problem.Line, problem.Column, problem.Key = 0, 0, text // it is a line of its own
			problem.Message += form
			problems = append(problems, *problem)
			continue
		case len(above) == 0:
			problems = append(problems, Problem{File: fromSet, Message: `is empty` + form})
			continue
		}
		overlay(file, above)
		for key := range findLines(text) {
			keys[key] = 0
		}
	}
	return keys, problems
}

func overlay(below, above map[string]any) {
	for key, value := range above {
		table, isTable := value.(map[string]any)
		under, overTable := below[key].(map[string]any)
		if isTable && overTable {
			overlay(under, table)
		} else {
			below[key] = value
		}
	}
}

// under says whether a key, or a table around it, was given from outside, and not
// in the file below that.
func (l lines) under(key string, file lines) bool {
	for ; key != ""; key = parent(key) {
		if _, given := l[key]; given {
			return true
		}
		if _, given := file[key]; given {
			return false
		}
	}
	return false
}

// ofSettings moves problems of keys that were given from outside there, before the others.
func (ps Problems) ofSettings(set, file lines) Problems {
	for i := range ps {
		if set.under(ps[i].Key, file) {
			ps[i].File, ps[i].Line = fromSet, 0
		}
	}
	slices.SortStableFunc(ps, func(a, b Problem) int { return a.Line - b.Line })
	return ps
}
