package retry

import (
	"net/http"
	"time"
)

// After is how long the value of a field Retry-After asks to wait (RFC 9110,
// section 10.2.3). It answers false for what is neither seconds nor a date; a date
// that has passed is no wait. What is longer than a day counts as one.
func After(v []byte, now time.Time) (time.Duration, bool) {
	const longest = 24 * time.Hour
	if len(v) == 0 {
		return 0, false
	}
	seconds := time.Duration(0)
	for _, c := range v {
		if c < '0' || c > '9' {
			at, err := http.ParseTime(string(v))
			if err != nil {
				return 0, false
			}
			return min(max(at.Sub(now), 0), longest), true
		}
		seconds = min(seconds*10+time.Duration(c-'0'), longest/time.Second)
	}
	return seconds * time.Second, true
}
