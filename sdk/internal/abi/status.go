package abi

// Status is what a host function answers.
type Status uint32

// The statuses. Values are the ABI's.
const (
	OK              Status = 0
	NotFound        Status = 1
	BadArgument     Status = 2
	Serialization   Status = 3
	ParseFailure    Status = 4
	InvalidMemory   Status = 6
	Empty           Status = 7
	CASMismatch     Status = 8
	InternalFailure Status = 10
	Unimplemented   Status = 12
)

// Error is the status in words.
func (s Status) Error() string {
	switch s {
	case OK:
		return "ok"
	case NotFound:
		return "not found"
	case BadArgument:
		return "bad argument"
	case Serialization:
		return "serialization failure"
	case ParseFailure:
		return "parse failure"
	case InvalidMemory:
		return "invalid memory access"
	case Empty:
		return "empty"
	case CASMismatch:
		return "compare-and-swap mismatch"
	case InternalFailure:
		return "internal failure"
	case Unimplemented:
		return "unimplemented"
	}
	return "unknown status"
}

// Err is s as an error: nil for OK. It does not allocate.
func (s Status) Err() error {
	if s == OK {
		return nil
	}
	return s
}
