// Package trace is the filter "trace": it says how the requests of its routes are
// traced. All of it is declared when it is configured (weir.trace) and then done by
// the proxy, which alone sees tries, other filters and the end of a stream.
//
// Start at [New].
package trace

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("trace", New) }

// Bounds of a configuration.
const (
	maxRate = 1_000_000 // traces a second
	maxTags = 32
	maxKey  = 128 // bytes
)

// New makes the filter. It needs a host that traces.
func New(r *sdk.Root) (sdk.Plugin, error) {
	t := weir.Trace{Share: 1, PerSecond: 100, Read: weir.TraceW3C, Write: weir.TraceW3C, Filters: true}
	c := jsonconf.New(r.Config())
	c.Object(func(key []byte) {
		switch string(key) {
		case "sample":
			t.Share = c.Float(0, 1)
		case "per_second":
			t.PerSecond = uint32(c.Int(0, maxRate))
		case "parent":
			t.Parent = parents[c.OneOf("trusted", "all", "none")]
		case "always":
			t.Always = template.Lower(c.HeaderName())
		case "read":
			t.Read = readFormats(c)
		case "write":
			if t.Write = readFormats(c); t.Write == 0 {
				c.Fail("needs at least one format, or upstreams would begin traces of their own")
			}
		case "filters":
			t.Filters = c.Bool()
		case "query":
			t.Query = c.Bool()
		case "name":
			t.Name = readValue(c)
		case "tags":
			c.Object(func(key []byte) { t.Tags = append(t.Tags, readTag(c, string(key), len(t.Tags))) })
		default:
			c.Unknown("sample", "per_second", "parent", "always", "read", "write", "filters", "query", "name", "tags")
		}
	})
	if err := c.Err(); err != nil {
		return nil, err
	}
	switch err := t.Declare(); {
	case err == sdk.ErrNotFound:
		return nil, failure("the host has no weir.trace; trace runs in Weir only")
	case err != nil:
		return nil, failure("the host refuses weir.trace (" + err.Error() + "); are name and tags longer than 8 KiB together?")
	}
	return declared{}, nil
}

var parents = map[string]weir.TraceParent{
	"trusted": weir.TrustedParents, "all": weir.AllParents, "none": weir.NoParents,
}

func readFormats(c *jsonconf.Reader) (set weir.TraceFormats) {
	c.List(func(int) {
		switch c.OneOf("w3c", "b3", "b3multi") {
		case "w3c":
			set |= weir.TraceW3C
		case "b3":
			set |= weir.TraceB3
		case "b3multi":
			set |= weir.TraceB3Multi
		}
	})
	return set
}

func readTag(c *jsonconf.Reader, key string, before int) weir.TraceTag {
	switch {
	case before == maxTags:
		c.Fail("is one tag too many: 32 are allowed")
	case !plain(key):
		c.Fail("must be named by 1 to 128 printable ASCII characters without blanks")
	}
	return weir.TraceTag{Key: key, Value: readValue(c)}
}

// readValue reads a text with placeholders that the host can fill in.
func readValue(c *jsonconf.Reader) []weir.EditPart {
	t, err := template.Parse(c.String())
	if err != nil {
		c.Fail(err.Error())
		return nil
	}
	parts, ok := t.EditParts()
	if !ok {
		c.Fail("has a {property:...} that the host cannot fill in; there are weir.claim.NAME and log.NAME")
	}
	return parts
}

func plain(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

type failure string

func (e failure) Error() string { return string(e) }

// declared is a plugin that leaves all work to the host.
type declared struct{}
