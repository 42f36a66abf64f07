package ratelimit

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// fields says in which form clients are told how they stand.
type fields uint8

const (
	// draft10 is draft-ietf-httpapi-ratelimit-headers-10: RateLimit and
	// RateLimit-Policy, structured fields.
	draft10 fields = iota
	// draft06 is what many clients know: a field for each number.
	draft06
	noFields
)

// maxFields is how many fields a reply has at most.
const maxFields = 5

// deny answers 429. How long to wait is in whole seconds, rounded up; a
// request that no waiting helps gets none.
func (f *filter) deny(s *sdk.Stream, l *limit, d weir.Decision) {
	var list [maxFields]sdk.Field
	n := 0
	wait := int64(-1)
	f.buf = f.buf[:0]
	if d.Retry >= 0 {
		wait = max(1, seconds(d.Retry))
		list[n] = sdk.Field{Name: "retry-after", Value: f.number(wait)}
		n++
	}
	if wait >= 0 {
		n += f.describe(list[n:], l, 0, wait)
	}
	s.Reply(sdk.Reply{Status: 429, Details: "ratelimit_denied", Body: "too many requests\n", Headers: list[:n]})
}

// tell writes the fields into a response.
func (f *filter) tell(h sdk.Headers, st standing) {
	var list [maxFields]sdk.Field
	f.buf = f.buf[:0]
	n := f.describe(list[:], st.limit, st.Remaining, seconds(st.Reset))
	for i := range list[:n] {
		h.Set(list[i].Name, list[i].Value)
	}
}

// describe puts fields into list and says how many. Their values are valid
// until f.buf is used again.
func (f *filter) describe(list []sdk.Field, l *limit, remaining, reset int64) int {
	window := max(1, seconds(l.rate.Period))
	switch f.fields {
	case draft10:
		list[0] = sdk.Field{Name: "ratelimit-policy", Value: f.item(l.name, ";q=", l.quota(), ";w=", window)}
		list[1] = sdk.Field{Name: "ratelimit", Value: f.item(l.name, ";r=", remaining, ";t=", reset)}
		return 2
	case draft06:
		list[0] = sdk.Field{Name: "ratelimit-limit", Value: f.number(l.quota())}
		list[1] = sdk.Field{Name: "ratelimit-remaining", Value: f.number(remaining)}
		list[2] = sdk.Field{Name: "ratelimit-reset", Value: f.number(reset)}
		return 3
	}
	return 0
}

// number and item put a value into f.buf, which has room: growing would leave
// the values before it where they were, which is fine, too.
func (f *filter) number(n int64) string {
	at := len(f.buf)
	f.buf = strconv.AppendInt(f.buf, n, 10)
	return sdk.View(f.buf[at:])
}

func (f *filter) item(name, a string, x int64, b string, y int64) string {
	at := len(f.buf)
	f.buf = append(append(append(f.buf, '"'), name...), '"')
	f.buf = strconv.AppendInt(append(f.buf, a...), x, 10)
	f.buf = strconv.AppendInt(append(f.buf, b...), y, 10)
	return sdk.View(f.buf[at:])
}
