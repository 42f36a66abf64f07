package mirror

import (
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// The bounds of a copy: the host's.
const (
	maxBody    = 1 << 20
	maxTimeout = time.Minute
)

// read turns the configuration into a filter.
func (f *filter) read(text []byte) error {
	f.methods = []string{"GET", "HEAD", "OPTIONS"}
	percent := 100.0
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "cluster":
			f.Cluster = r.String()
		case "percent":
			percent = r.Float(0, 100)
		case "methods":
			f.methods = f.readMethods(r)
		case "max_body":
			f.MaxBody = int(r.Size(1, maxBody))
		case "timeout":
			f.Timeout = r.Duration(time.Millisecond, maxTimeout)
		case "host":
			f.Host = readHost(r)
		case "host_suffix":
			f.suffix = readHost(r)
		default:
			r.Unknown("cluster", "percent", "methods", "max_body", "timeout", "host", "host_suffix")
		}
	})
	switch {
	case f.Cluster == "":
		r.FailAt("cluster", "is missing: where copies go")
	case f.Host != "" && f.suffix != "":
		r.FailAt("host_suffix", `stands beside "host"; remove one of the two`)
	}
	f.always = percent >= 100
	f.share = uint64(percent / 100 * (1 << 63) * 2)
	return r.Err()
}

func (f *filter) readMethods(r *jsonconf.Reader) (list []string) {
	r.List(func(int) {
		m := r.String()
		switch {
		case r.Failed():
		case m == "*":
			f.every = true
		case !jsonconf.Token(m) || m != strings.ToUpper(m):
			r.Fail(`must be a method in capitals, such as "POST", or "*" for all`)
		}
		list = append(list, m)
	})
	if !r.Failed() && len(list) == 0 {
		r.Fail("is empty, so nothing would be copied")
	}
	return list
}

// readHost reads a host, or what is put behind one.
func readHost(r *jsonconf.Reader) string {
	v := r.String()
	ok := v != "" && len(v) <= 255
	for i := range len(v) {
		c := v[i]
		ok = ok && (c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == ':' || c == '[' || c == ']')
	}
	if !r.Failed() && !ok {
		r.Fail("must be a host's name, not ", jsonconf.Quote(v))
	}
	return v
}
