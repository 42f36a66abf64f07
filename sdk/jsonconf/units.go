package jsonconf

import (
	"strconv"
	"time"
)

// Duration reads a time with its unit, such as "250ms" or "1h30m", from low to
// high.
func (r *Reader) Duration(low, high time.Duration) time.Duration {
	const want = `a duration with a unit, such as "250ms", "2s" or "1h"`
	if r.peek() != '"' {
		r.wrong(want)
		return 0
	}
	text := string(r.quoted())
	d, err := time.ParseDuration(text)
	if err != nil {
		r.Fail("must be ", want, ", not ", Quote(text))
		return 0
	}
	if d < low || d > high {
		r.Fail("must be from ", low.String(), " to ", high.String(), ", not ", text)
		return 0
	}
	return d
}

// sizeUnits are the units of Size, the longer first.
var sizeUnits = [...]struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// Size reads a number of bytes with its unit, such as "64KiB", from low to
// high.
func (r *Reader) Size(low, high int64) int64 {
	const want = `a size with a unit, such as "512B", "64KiB" or "1MiB"`
	if r.peek() != '"' {
		r.wrong(want)
		return 0
	}
	text := string(r.quoted())
	for _, u := range sizeUnits {
		at := len(text) - len(u.name)
		if at < 1 || text[at:] != u.name {
			continue
		}
		n, err := strconv.ParseUint(text[:at], 10, 32)
		if err != nil {
			break
		}
		if size := int64(n) * u.bytes; size >= low && size <= high {
			return size
		}
		r.Fail("must be from ", strconv.FormatInt(low, 10), "B to ", strconv.FormatInt(high, 10), "B, not ", text)
		return 0
	}
	r.Fail("must be ", want, ", not ", Quote(text))
	return 0
}
