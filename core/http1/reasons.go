package http1

import "net/http"

// reasons are the phrases of status lines. A client must not look at them
// (RFC 9112, section 4); they are for people.
var reasons = func() (t [600]string) {
	for i := range t {
		t[i] = http.StatusText(i)
	}
	return t
}()
