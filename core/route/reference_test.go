package route_test

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// candidate is a route on one of its hosts, as the reference sees it.
type candidate struct {
	index int
	host  string
	m     *config.Match
}

// reference is the documented precedence, read literally: every route is
// asked, and the best of those that match is compared out. literals says what each
// regular expression begins with.
func reference(routes []config.Route, literals map[string]string, h *stream.RequestHead) (best candidate, ok bool) {
	for i := range routes {
		m := &routes[i].Match
		hosts := m.Hosts
		if len(hosts) == 0 {
			hosts = []string{"*"}
		}
		for _, host := range hosts {
			c := candidate{i, host, m}
			if c.matches(h) && (!ok || c.before(best, literals)) {
				best, ok = c, true
			}
		}
	}
	return best, ok
}

// before says whether c wins over b, which comes earlier in the file.
func (c candidate) before(b candidate, literals map[string]string) bool {
	order := cmp.Or(
		cmp.Compare(hostRank(b.host), hostRank(c.host)),
		cmp.Compare(pathRank(c.m), pathRank(b.m)),
		slices.Compare(shape(c.m.PathTemplate), shape(b.m.PathTemplate)),
		cmp.Compare(len(literals[b.m.PathRegex]), len(literals[c.m.PathRegex])),
		cmp.Compare(len(b.m.PathPrefix), len(c.m.PathPrefix)),
		cmp.Compare(asked(b.m), asked(c.m)),
	)
	return order < 0
}

func hostRank(host string) int {
	switch {
	case host == "*":
		return 0
	case host[0] == '*':
		return len(host)
	}
	return 1000
}

func pathRank(m *config.Match) int {
	return slices.IndexFunc([]string{m.Path, m.PathTemplate, m.PathRegex, m.PathPrefix, "none"}, func(s string) bool { return s != "" })
}

// shape is 0 for a literal segment of a template, 1 for a part, 2 for the rest.
func shape(template string) (kinds []int) {
	for _, s := range strings.Split(template, "/") {
		switch {
		case strings.HasSuffix(s, "...}"):
			kinds = append(kinds, 2)
		case strings.HasPrefix(s, "{"):
			kinds = append(kinds, 1)
		default:
			kinds = append(kinds, 0)
		}
	}
	return kinds
}

func asked(m *config.Match) int {
	return min(len(m.Methods), 1) + len(m.Headers) + len(m.Query)
}

func (c candidate) matches(h *stream.RequestHead) bool {
	path, query, _ := strings.Cut(string(h.Path), "?")
	m := c.m
	switch {
	case !hostMatches(c.host, string(h.Authority)):
		return false
	case m.Path != "" && path != m.Path:
		return false
	case m.PathRegex != "" && !regexp.MustCompile("^(?:"+m.PathRegex+")$").MatchString(path):
		return false
	case m.PathTemplate != "" && !templateRegexp(m.PathTemplate).MatchString(path):
		return false
	case m.PathPrefix != "" && path != m.PathPrefix && !strings.HasPrefix(path, strings.TrimSuffix(m.PathPrefix, "/")+"/"):
		return false
	case len(m.Methods) > 0 && !slices.Contains(m.Methods, string(h.Method)):
		return false
	}
	for name, want := range m.Headers {
		var values []string
		for _, f := range h.Headers.Fields() {
			if strings.EqualFold(string(f.Name), name) {
				values = append(values, string(f.Value))
			}
		}
		if !valuesMeet(want, len(values), values) {
			return false
		}
	}
	for name, want := range m.Query {
		count, values := 0, []string(nil)
		for pair := range strings.SplitSeq(query, "&") {
			n, v, _ := strings.Cut(pair, "=")
			if n, err := url.QueryUnescape(n); err != nil || n != name {
				continue
			}
			count++
			if v, err := url.QueryUnescape(v); err == nil {
				values = append(values, v)
			}
		}
		if !valuesMeet(want, count, values) {
			return false
		}
	}
	return true
}

func hostMatches(pattern, authority string) bool {
	host := strings.ToLower(strings.Split(authority, ":")[0])
	host = strings.TrimSuffix(host, ".")
	suffix, wild := strings.CutPrefix(pattern, "*")
	switch {
	case len(host) > 255:
		return pattern == "*"
	case !wild:
		return host == pattern
	}
	return suffix == "" || len(host) > len(suffix) && strings.HasSuffix(host, suffix)
}

// templateRegexp captures a template's parts in their order.
func templateRegexp(template string) *regexp.Regexp {
	var b strings.Builder
	for _, s := range strings.Split(template, "/")[1:] {
		switch {
		case strings.HasSuffix(s, "...}"):
			b.WriteString("/(.*)")
		case strings.HasPrefix(s, "{"):
			b.WriteString("/([^/]+)")
		default:
			b.WriteString("/" + regexp.QuoteMeta(s))
		}
	}
	return regexp.MustCompile("(?s)^" + b.String() + "$")
}

func valuesMeet(want string, count int, values []string) bool {
	switch pattern, isRegexp := strings.CutPrefix(want, "~"); {
	case want == "*":
		return count > 0
	case want == "!":
		return count == 0
	case isRegexp:
		return slices.ContainsFunc(values, regexp.MustCompile("^(?:"+pattern+")$").MatchString)
	}
	return slices.Contains(values, want)
}
