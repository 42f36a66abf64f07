// Package exit lets a command choose the process's exit code for its error.
package exit

import "errors"

// coded is an error with a code.
type coded struct {
	reason error
	code   int
}

func (c coded) Error() string {
	if c.reason == nil {
		return "failed"
	}
	return c.reason.Error()
}

func (c coded) Unwrap() error { return c.reason }

// With is an end of the process with that exit code. reason is nil where it has been
// told already.
func With(code int, reason error) error { return coded{reason, code} }

// Of is the exit code of a command's error, 1 unless it has chosen another, and
// what is left to be told of it, if anything.
func Of(err error) (code int, reason error) {
	if c, ok := errors.AsType[coded](err); ok {
		return c.code, c.reason
	}
	return 1, err
}
