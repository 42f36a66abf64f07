// Package accesslog is the filter "accesslog": it adds fields to a stream's
// line in the access log. The line itself is the proxy's: a filter could
// neither see all of a stream nor write as cheaply.
//
// Start at [New].
package accesslog

import (
	"math/rand/v2"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("accesslog", New) }

// prefix begins the properties that the access log writes.
const prefix = "log."

// maxFields bounds what one filter adds to a line.
const maxFields = 64

// filter is one configuration.
type filter struct {
	fields []field
	sample float64
	always []status
	value  []byte // of a field; callbacks do not overlap
}

// field is one field of the line.
type field struct {
	property string
	value    string            // without placeholders
	fill     template.Template // with placeholders
	fills    bool
}

// status is a status or, with code 0, a class of them.
type status struct{ class, code int }

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{sample: 1, always: []status{{class: 5}}}
	c := jsonconf.New(r.Config())
	c.Object(func(key []byte) {
		switch string(key) {
		case "fields":
			c.Object(func(key []byte) { f.readField(c, string(key)) })
		case "sample":
			f.sample = c.Float(0, 1)
		case "always":
			f.always = nil
			c.List(func(int) { f.always = append(f.always, readStatus(c)) })
		default:
			c.Unknown("fields", "sample", "always")
		}
	})
	if len(f.fields) == 0 {
		c.FailAt("fields", "needs at least one field, as name = value")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	var order weir.Order
	for i := range f.fields {
		order.Sets(f.fields[i].property)
		f.fields[i].fill.Properties(order.Logs)
	}
	order.Declare()
	if f.declare() {
		return declared{}, nil
	}
	return f, nil
}

func (f *filter) readField(c *jsonconf.Reader, name string) {
	if len(f.fields) == maxFields {
		c.Fail("is one field too many: 64 are allowed")
	}
	if !plain(name) {
		c.Fail("must be named by 1 to 64 letters, digits, _, - and .")
	}
	t, err := template.Parse(c.String())
	if err != nil {
		c.Fail(err.Error())
	}
	v, fixed := t.Literal()
	f.fields = append(f.fields, field{prefix + name, v, t, !fixed})
}

func plain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
				return false
			}
		}
	}
	return len(name) > 0 && len(name) <= 64
}

// readStatus reads "404" or a class such as "5xx".
func readStatus(c *jsonconf.Reader) status {
	v := c.String()
	if len(v) == 3 && v[0] >= '2' && v[0] <= '5' {
		if v[1:] == "xx" {
			return status{class: int(v[0] - '0')}
		}
		if v[1] >= '0' && v[1] <= '9' && v[2] >= '0' && v[2] <= '9' {
			return status{code: int(v[0]-'0')*100 + int(v[1]-'0')*10 + int(v[2]-'0')}
		}
	}
	c.Fail(`must be a status such as "404" or a class such as "5xx", not `, jsonconf.Quote(v))
	return status{}
}

// OnLog adds the fields: now both heads are what they came to be.
func (f *filter) OnLog(s *sdk.Stream) {
	if !f.taken(s) {
		return
	}
	for i := range f.fields {
		x := &f.fields[i]
		value := x.value
		if x.fills {
			var known bool
			if f.value, known = x.fill.Append(f.value[:0], s); !known {
				continue
			}
			value = sdk.View(f.value)
		}
		sdk.SetProperty(x.property, value)
	}
}

// taken decides whether a stream is of the sample.
func (f *filter) taken(s *sdk.Stream) bool {
	if f.sample >= 1 {
		return true
	}
	if len(f.always) > 0 {
		code := s.Status()
		for _, a := range f.always {
			if a.code == code || a.code == 0 && a.class == code/100 {
				return true
			}
		}
	}
	return f.sample > 0 && rand.Float64() < f.sample
}
