package redirect

import (
	"strconv"

	"github.com/weirproxy/weir/filters/internal/prefix"
	"github.com/weirproxy/weir/filters/internal/regex"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// read reads the configuration.
func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "status":
			f.status = readStatus(r)
		case "scheme":
			f.scheme = r.OneOf("http", "https")
		case "host":
			f.host = readHost(r)
		case "port":
			f.port = strconv.FormatInt(r.Int(1, 65535), 10)
		case "path":
			f.once(r)
			f.kind, f.path = setPath, prefix.Path(r)
		case "strip_prefix":
			f.once(r)
			f.kind, f.prefix = replacePrefix, prefix.Change{From: prefix.Path(r)}
		case "replace_prefix":
			f.once(r)
			f.kind, f.prefix = replacePrefix, prefix.Read(r)
		case "regex":
			f.once(r)
			f.kind, f.regex = replaceMatches, regex.Read(r)
		case "query":
			f.dropQuery = r.OneOf("keep", "drop") == "drop"
		default:
			r.Unknown("status", "scheme", "host", "port", "path", "strip_prefix", "replace_prefix", "regex", "query")
		}
	})
	if _, port := cutPort([]byte(f.host)); f.port != "" && len(port) > 0 {
		r.FailAt("port", "is given beside the port of host; keep one of them")
	}
	if f.kind == keepPath && f.scheme == "" && f.host == "" && f.port == "" {
		r.Fail(`leads nowhere; give it a "scheme", "host", "port", "path", "strip_prefix", "replace_prefix" or "regex"`)
	}
	return r.Err()
}

// once sees to it that the path is changed in one way.
func (f *filter) once(r *jsonconf.Reader) {
	if f.kind != keepPath {
		r.Fail(`is a second change of the path; give one of "path", "strip_prefix", "replace_prefix" and "regex"`)
	}
}

func readStatus(r *jsonconf.Reader) int {
	switch v := int(r.Int(0, 999)); v {
	case 301, 302, 303, 307, 308:
		return v
	default:
		r.Fail("is no redirection: 301, 302, 303, 307 or 308")
		return 0
	}
}

func readHost(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && !validAuthority([]byte(v)) {
		r.Fail(`must be a host with or without a port, such as "www.example.com", not `, jsonconf.Quote(v))
	}
	return v
}
