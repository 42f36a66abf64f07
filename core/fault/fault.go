// Package fault holds the typed errors of the data plane and the one table
// that says which status a client gets for each, and whether a request that
// met one may be sent again.
//
// Start at [Error] and table.go.
package fault

import (
	"errors"
	"fmt"
)

// Side says where a fault lies.
type Side uint8

// The sides of a stream.
const (
	Internal Side = iota
	Downstream
	Upstream
	Guest
)

// String is the side's name in logs.
func (s Side) String() string {
	return [...]string{"internal", "downstream", "upstream", "guest"}[s]
}

// Retry says when a request that met a fault may be sent again.
type Retry uint8

// The answers, from never to always.
const (
	// RetryNever: the request may have been processed.
	RetryNever Retry = iota
	// RetryIdempotent: only a request whose repetition does no harm.
	RetryIdempotent
	// RetryElsewhere: the upstream cannot have seen the request, and this endpoint
	// would fail it again.
	RetryElsewhere
	// RetryAlways: the upstream cannot have seen the request.
	RetryAlways
)

// Error is one fault of the data plane.
type Error struct {
	Kind Kind
	Op   string // what was being done: "connecting to 10.0.0.7:80 for cluster \"api\""
	Err  error  // the cause, or nil
}

// New makes an Error.
func New(kind Kind, op string, err error) *Error { return &Error{kind, op, err} }

// Error is the text for logs. It never goes to a client.
func (e *Error) Error() string {
	switch {
	case e.Err == nil && e.Op == "":
		return e.Kind.String()
	case e.Err == nil:
		return e.Op + ": " + e.Kind.String()
	}
	return fmt.Sprintf("%s: %v", e.Op, e.Err)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first Error in err's chain, or Unknown.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}
