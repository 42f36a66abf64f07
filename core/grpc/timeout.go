package grpc

import (
	"math"
	"strconv"
	"time"
)

// maxDigits is how long the number of a grpc-timeout may be.
const maxDigits = 8

// ParseTimeout reads the value of a field grpc-timeout: one to eight digits
// and a unit. What is longer than a [time.Duration] holds is the longest one.
func ParseTimeout(v []byte) (d time.Duration, ok bool) {
	n := len(v) - 1
	if n < 1 || n > maxDigits {
		return 0, false
	}
	unit := unitOf(v[n])
	if unit == 0 {
		return 0, false
	}
	for _, c := range v[:n] {
		if c < '0' || c > '9' {
			return 0, false
		}
		d = d*10 + time.Duration(c-'0')
	}
	if d > math.MaxInt64/unit {
		return math.MaxInt64, true
	}
	return d * unit, true
}

func unitOf(c byte) time.Duration {
	switch c {
	case 'n':
		return time.Nanosecond
	case 'u':
		return time.Microsecond
	case 'm':
		return time.Millisecond
	case 'S':
		return time.Second
	case 'M':
		return time.Minute
	case 'H':
		return time.Hour
	}
	return 0
}

// AppendTimeout writes d as the value of a field grpc-timeout, in the finest
// unit that holds it. It rounds down: a time-out that is passed on never grows.
func AppendTimeout(dst []byte, d time.Duration) []byte {
	const most = 99_999_999
	for _, unit := range []byte("numSM") {
		if n := max(d, 0) / unitOf(unit); n <= most {
			return append(strconv.AppendInt(dst, int64(n), 10), unit)
		}
	}
	return append(strconv.AppendInt(dst, int64(d/time.Hour), 10), 'H')
}
