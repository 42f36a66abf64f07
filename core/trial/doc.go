// Package trial runs the cases of a filter's author: TOML files that say what
// goes into a filter and what must come out, tried in the real host by package
// rig. README.md has the format.
//
// Start at [Load] and [Runner].
package trial
