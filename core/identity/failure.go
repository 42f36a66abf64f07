package identity

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/weirproxy/weir/core/sock"
)

// Why a handshake failed, as metrics name it.
const (
	FailedTimeout     = "timeout"
	FailedGone        = "client_gone"        // the client went away
	FailedPlainHTTP   = "plain_http"         // HTTP without TLS
	FailedNotTLS      = "not_tls"            // something else without TLS
	FailedName        = "unknown_name"       // no certificate is for the name it asks for
	FailedVersion     = "version"            // none in common
	FailedCipher      = "cipher"             // none in common, suite or curve
	FailedProtocol    = "alpn"               // none in common
	FailedCertificate = "client_certificate" // missing, or not trusted
	FailedRejected    = "rejected"           // the client sent an alert: it does not trust us, most likely
	FailedOther       = "other"
)

// Failures are all of them.
var Failures = []string{FailedTimeout, FailedGone, FailedPlainHTTP, FailedNotTLS, FailedName, FailedVersion, FailedCipher,
	FailedProtocol, FailedCertificate, FailedRejected, FailedOther}

// FailureOf says why a handshake failed. crypto/tls gives most of its reasons as
// texts alone; what is not among these is counted as other.
func FailureOf(err error) string {
	var record tls.RecordHeaderError
	var op *net.OpError
	var invalid *tls.CertificateVerificationError
	switch {
	case errors.Is(err, sock.ErrTimeout):
		return FailedTimeout
	case errors.As(err, &record) && record.Conn != nil:
		if isHTTP(record.RecordHeader) {
			return FailedPlainHTTP
		}
		return FailedNotTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return FailedGone
	case errors.As(err, &invalid):
		return FailedCertificate
	case errors.As(err, &op) && op.Op == "remote error":
		return FailedRejected
	}
	for _, known := range []struct{ text, reason string }{
		{"no certificates configured", FailedName},
		{"client offered only unsupported versions", FailedVersion},
		{"no cipher suite supported", FailedCipher},
		{"key exchange", FailedCipher},
		{"client requested unsupported application protocols", FailedProtocol},
		{"client didn't provide a certificate", FailedCertificate},
		{"client certificate", FailedCertificate},
	} {
		if strings.Contains(err.Error(), known.text) {
			return known.reason
		}
	}
	return FailedOther
}

// isHTTP says whether the first bytes of a connection begin a request in clear.
func isHTTP(head [5]byte) bool {
	switch string(head[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH", "TRACE", "CONNE", "PRI *":
		return true
	}
	return false
}
