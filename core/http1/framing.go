package http1

import "github.com/weirproxy/weir/core/stream"

// Framing is what a head says about the message's end and its connection.
type Framing struct {
	Length   int64 // declared body length, -1 without one
	Chunked  bool
	Close    bool // the connection ends after this message
	Expect   bool // 100-continue
	Upgrade  bool // Connection: upgrade with an Upgrade field
	UntilEOF bool // responses: the body ends with the connection
	Absolute bool // requests: the target was "http://" and an authority
}

// HasBody says whether a request of this framing has body bytes to come.
func (f *Framing) HasBody() bool { return f.Chunked || f.Length > 0 }

// addLength notes a Content-Length field (RFC 9110, section 8.6): digits
// only, once.
func (f *Framing) addLength(v []byte) error {
	if f.Length >= 0 {
		return errLengthTwice
	}
	n := int64(0)
	if len(v) == 0 || len(v) > 18 {
		return errLength
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return errLength
		}
		n = n*10 + int64(c-'0')
	}
	f.Length = n
	return nil
}

// addCoding notes a Transfer-Encoding field: exactly chunked, once.
func (f *Framing) addCoding(v []byte) error {
	if f.Chunked || !stream.EqualFold(v, "chunked") {
		return errTransferCoding
	}
	f.Chunked = true
	return nil
}

// eachToken calls do for each member of a comma-separated list, trimmed.
func eachToken(list []byte, do func(token []byte) error) error {
	for len(list) > 0 {
		end := 0
		for end < len(list) && list[end] != ',' {
			end++
		}
		token := stream.TrimOWS(list[:end])
		if len(token) > 0 {
			if err := do(token); err != nil {
				return err
			}
		}
		if end == len(list) {
			return nil
		}
		list = list[end+1:]
	}
	return nil
}
