package listener

import (
	"strings"
	"testing"
)

func TestProtocolOf(t *testing.T) {
	for text, want := range map[string]protocol{
		"":                             undecided,
		"G":                            undecided,
		"GET":                          undecided,
		"GET ":                         undecided,
		"GET /":                        protocolHTTP1,
		"GET htt":                      undecided,
		"GET http":                     protocolHTTP1,
		"OPTIONS *":                    protocolHTTP1,
		"CONNECT ":                     protocolHTTP1,
		"M-SEARCH *":                   protocolHTTP1,
		"P":                            undecided,
		"PRI * HTTP/2.0\r\n":           undecided,
		preface:                        protocolHTTP2,
		preface + "\x00\x00":           protocolHTTP2,
		"PRI *x":                       protocolHTTP1, // its parser says what is wrong
		"\x16":                         undecided,
		"\x16\x03":                     undecided,
		"\x16\x03\x01":                 protocolTLS,
		"\x16\x02":                     protocolOther,
		"*1\r\n$4\r\nPING\r\n":         protocolOther,
		"PING\r\n":                     protocolOther,
		"SET key value":                protocolOther,
		"get key\r\n":                  protocolOther,
		"SSH-2.0-OpenSSH_9.6\r\n":      protocolOther,
		"\x00\x00\x00\x08\x04\xd2\x16": protocolOther,
		" GET / HTTP/1.1":              protocolOther,
		strings.Repeat("A", 32):        undecided,
		strings.Repeat("A", 33):        protocolOther,
	} {
		if got := protocolOf([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// FuzzProtocolOf: what has been decided stays so, whatever follows, and something is
// decided soon.
func FuzzProtocolOf(f *testing.F) {
	for _, seed := range []string{"GET / HTTP/1.1\r\n", preface, "\x16\x03\x01\x02\x00\x01", "PING\r\n", "GET http://a/", "CONNECT a:1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		decided := undecided
		for n := range len(b) + 1 {
			p := protocolOf(b[:n])
			if decided != undecided && p != decided {
				t.Fatalf("%q is %d, and was %d before", b[:n], p, decided)
			}
			decided = p
		}
		if decided == undecided && len(b) > mostMethod+len("http") {
			t.Fatalf("%q is not decided", b)
		}
	})
}
