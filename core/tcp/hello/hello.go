// Package hello reads the server name that a TLS client asks for in its first
// message, the ClientHello (RFC 8446, section 4.1.2; RFC 6066, section 3), without
// ending TLS.
//
// It is a parser of our own: crypto/tls can be made to show a ClientHello by a
// handshake that is broken off, at the cost of its buffers and of a connection made up for it.
// It refuses what crypto/tls refuses in a server name; a fuzz test compares them.
package hello

import (
	"errors"
	"strings"
)

// Most is how many bytes are looked at: a ClientHello of 16 KiB, cut into records
// of any sensible size.
const Most = 20 << 10

// mostMessage bounds the message itself.
const mostMessage = 16 << 10

// ErrShort says that the message goes on: read more.
var ErrShort = errors.New("a ClientHello that goes on")

var (
	errNot       = errors.New("not a ClientHello of TLS")
	errTooLong   = errors.New("a ClientHello of more than 16 KiB")
	errMalformed = errors.New("a malformed ClientHello")
	errName      = errors.New("a malformed server name")
)

const (
	recordHandshake = 22
	messageHello    = 1
	extensionName   = 0
	nameHost        = 0
	recordHead      = 5
	messageHead     = 4
	mostRecord      = 16 << 10
	mostRecords     = 64 // records that a message may be cut into
)

// Like says whether b may be the beginning of a TLS connection: so far it is that of
// a handshake record.
func Like(b []byte) bool {
	return len(b) > 0 && b[0] == recordHandshake && (len(b) < 2 || b[1] == 3) && (len(b) < 3 || b[2] <= 4)
}

// ServerName is the name that the ClientHello that b begins with asks for, in lower
// case; "" if it asks for none.
func ServerName(b []byte) (string, error) {
	m, err := message(b)
	if err != nil {
		return "", err
	}
	return serverName(m)
}

// message is the ClientHello out of its records.
func message(b []byte) ([]byte, error) {
	var m []byte
	for records := 0; ; records++ {
		if len(b) == 0 {
			return nil, ErrShort
		}
		if !Like(b) {
			return nil, errNot
		}
		if len(b) < recordHead {
			return nil, ErrShort
		}
		size := int(b[3])<<8 | int(b[4])
		if size == 0 || size > mostRecord || records == mostRecords {
			return nil, errMalformed
		}
		piece := b[recordHead:min(len(b), recordHead+size)]
		if records == 0 {
			m = piece
		} else {
			m = append(m[:len(m):len(m)], piece...)
		}
		if len(m) > 0 && m[0] != messageHello {
			return nil, errNot
		}
		if len(m) >= messageHead {
			whole := messageHead + int(m[1])<<16 + int(m[2])<<8 + int(m[3])
			switch {
			case whole > mostMessage:
				return nil, errTooLong
			case len(m) > whole:
				return nil, errMalformed // nothing follows a ClientHello in its record
			case len(m) == whole:
				return m[messageHead:], nil
			}
		}
		if len(piece) < size {
			return nil, ErrShort
		}
		b = b[recordHead+size:]
	}
}

// serverName finds the name among the extensions.
func serverName(m []byte) (string, error) {
	r := reader{m}
	r.skip(2 + 32) // version, random
	session := r.vector(1)
	suites := r.vector(2)
	methods := r.vector(1)
	if r.failed() || len(session) > 32 || len(suites) < 2 || len(suites)%2 != 0 || len(methods) == 0 {
		return "", errMalformed
	}
	if r.empty() {
		return "", nil // one without extensions
	}
	extensions := reader{r.vector(2)}
	if r.failed() || !r.empty() {
		return "", errMalformed
	}
	name := ""
	var seen []uint16
	for !extensions.empty() {
		kind := uint16(extensions.number(2))
		body := extensions.vector(2)
		if extensions.failed() {
			return "", errMalformed
		}
		for _, k := range seen {
			if k == kind {
				return "", errMalformed
			}
		}
		if seen = append(seen, kind); len(seen) > mostExtensions {
			return "", errMalformed
		}
		if kind == extensionName {
			var err error
			if name, err = hostName(body); err != nil {
				return "", err
			}
		}
	}
	return name, nil
}

// mostExtensions bounds what is compared with each other.
const mostExtensions = 256

// hostName reads the extension server_name.
func hostName(body []byte) (string, error) {
	r := reader{body}
	list := reader{r.vector(2)}
	if r.failed() || !r.empty() || list.empty() {
		return "", errMalformed
	}
	name := ""
	for !list.empty() {
		kind := list.number(1)
		b := list.vector(2)
		if list.failed() || len(b) == 0 {
			return "", errMalformed
		}
		if kind != nameHost {
			continue
		}
		if name != "" { // RFC 6066 has one name of a type
			return "", errMalformed
		}
		if name = string(b); !isHost(name) {
			return "", errName
		}
	}
	return strings.ToLower(name), nil
}

// isHost says whether a name can be a host's: nothing in it may look like
// something else in a log.
func isHost(name string) bool {
	if len(name) > 253 || name[0] == '.' || name[len(name)-1] == '.' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}
