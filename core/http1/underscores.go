package http1

import "strings"

// Underscores is what becomes of a request's fields whose name has an underscore. To
// servers in the tradition of CGI (RFC 3875, section 4.1.18) "x_user" is "x-user", so
// that a client can say what we say of it, or what a filter has taken from it.
type Underscores uint8

// The policies.
const (
	AllowUnderscores Underscores = iota
	DropUnderscores
	RefuseUnderscores
)

// ParseUnderscores reads "allow", "drop" or "refuse".
func ParseUnderscores(s string) (Underscores, bool) {
	switch s {
	case "allow":
		return AllowUnderscores, true
	case "drop":
		return DropUnderscores, true
	case "refuse":
		return RefuseUnderscores, true
	}
	return 0, false
}

// Drops says whether a field of that name is to be left out, or with an error that
// its request is to be refused.
func (l *Limits) Drops(name string) (bool, error) {
	if l.Underscores == AllowUnderscores || strings.IndexByte(name, '_') < 0 {
		return false, nil
	}
	if l.Underscores == RefuseUnderscores {
		return false, errUnderscore
	}
	if l.Dropped != nil {
		l.Dropped()
	}
	return true, nil
}

// names is what bytes of names are mapped to. The policy costs those nothing who keep
// to it: an underscore is one more byte that may not stand there.
func (l *Limits) names() *[256]byte {
	if l.Underscores == AllowUnderscores {
		return &nameByte
	}
	return &withoutUnderscore
}

var withoutUnderscore = func() [256]byte {
	t := nameByte
	t['_'] = 0
	return t
}()

// skip goes past the field line that b begins with, if it is to be left out for what
// field said of it.
func (l *Limits) skip(b []byte, err error) (rest []byte, _ error) {
	if err != errUnderscore || l.Underscores != DropUnderscores {
		return nil, err
	}
	if _, _, rest, err = field(b, &nameByte); err == nil && l.Dropped != nil {
		l.Dropped()
	}
	return rest, err
}
