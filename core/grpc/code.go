package grpc

import (
	"strconv"

	"github.com/weirproxy/weir/core/stream"
)

// Code is the status of a call.
type Code int8

// The statuses. None stands for a call without one.
const (
	None Code = iota - 1
	OK
	Cancelled
	Unknown
	InvalidArgument
	DeadlineExceeded
	NotFound
	AlreadyExists
	PermissionDenied
	ResourceExhausted
	FailedPrecondition
	Aborted
	OutOfRange
	Unimplemented
	Internal
	Unavailable
	DataLoss
	Unauthenticated
	// NumCodes is how many there are.
	NumCodes = iota - 1
)

var names = [NumCodes]string{
	"ok", "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists",
	"permission-denied", "resource-exhausted", "failed-precondition", "aborted", "out-of-range",
	"unimplemented", "internal", "unavailable", "data-loss", "unauthenticated",
}

// String is the status's name as configuration and metrics write it.
func (c Code) String() string {
	if c < 0 || int(c) >= len(names) {
		return "none"
	}
	return names[c]
}

// Named is the status of that name, None for a name that is none's.
func Named(name string) Code {
	for i, n := range names {
		if n == name {
			return Code(i)
		}
	}
	return None
}

// Text is the status as the field grpc-status writes it.
func (c Code) Text() string { return strconv.Itoa(int(c)) }

// Parse reads the value of a field grpc-status. What is no status counts as
// Unknown, as clients take it.
func Parse(v []byte) Code {
	n := 0
	for _, d := range v {
		if n = n*10 + int(d) - '0'; d < '0' || d > '9' || n >= NumCodes {
			return Unknown
		}
	}
	if len(v) == 0 {
		return Unknown
	}
	return Code(n)
}

// StatusOf is the status that a head or trailers tell, None without one. h may
// be nil.
func StatusOf(h *stream.Headers) Code {
	if h == nil {
		return None
	}
	v, ok := h.Get("grpc-status")
	if !ok {
		return None
	}
	return Parse(v)
}

// Ended is how a call ended: by its trailers, which may be nil, by its head if that is all
// there was, or else by what its client makes of what it got.
func Ended(head *stream.ResponseHead, trailers *stream.Headers) Code {
	if c := StatusOf(trailers); c != None {
		return c
	}
	if c := StatusOf(&head.Headers); c != None {
		return c
	}
	return FromHTTP(head.Status)
}

// FromHTTP is what a client makes of an HTTP status that came without a
// status of gRPC. One that says nothing, 200 too, is Unknown.
func FromHTTP(status int) Code {
	switch status {
	case 400:
		return Internal
	case 401:
		return Unauthenticated
	case 403:
		return PermissionDenied
	case 404:
		return Unimplemented
	case 429, 502, 503, 504:
		return Unavailable
	}
	return Unknown
}

// Fault says whether a status speaks against the server that gave it, not
// against the call or the time it had: what 500, 502 and 503 are in HTTP.
func (c Code) Fault() bool {
	return c == Unknown || c == Internal || c == Unavailable || c == DataLoss
}

// Set is a set of statuses.
type Set uint32

// With is the set with c, which is not None.
func (s Set) With(c Code) Set { return s | 1<<c }

// Has says whether c is in the set; None never is.
func (s Set) Has(c Code) bool { return c >= 0 && s&(1<<c) != 0 }
