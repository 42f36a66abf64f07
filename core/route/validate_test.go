package route_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
)

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		match config.Match
		want  string
	}{
		{config.Match{Path: "a"}, `path: "a" does not begin with a slash`},
		{config.Match{Path: "/a?b=1"}, `path: "/a?b=1" has a query: use query for its parameters`},
		{config.Match{Path: "/a b"}, `path: "/a b": control characters, blanks, "#" and what is not ASCII must be escaped, as in "/a%20b"`},
		{config.Match{Path: "/%41%c3%a9"}, `path: "/%41%c3%a9" is not in normal form: write "/A%C3%A9"`},
		{config.Match{Path: "/a%"}, `path: "/a%" can match no request: normalizing path: malformed escape: bad_request`},
		{config.Match{PathPrefix: "/a%00"}, `path_prefix: "/a%00" can match no request: normalizing path: escaped control character: bad_request`},
		{config.Match{Path: "/a", PathPrefix: "/b"}, `path and path_prefix exclude each other`},
		{config.Match{PathRegex: "/a", PathTemplate: "/{b}"}, `path_template and path_regex exclude each other`},
		{config.Match{PathRegex: "/a("}, `path_regex: regular expression "/a(": missing closing ): "/a("`},
		{config.Match{PathRegex: "a)(b"}, `path_regex: regular expression "a)(b": unexpected ): "a)(b"`},
		{config.Match{PathRegex: "a.*"}, `path_regex: regular expression "a.*" matches no path: paths begin with a slash`},
		{config.Match{PathTemplate: "{a}"}, `path_template: "{a}" does not begin with a slash`},
		{config.Match{PathTemplate: "/a"}, `path_template: "/a": has no {part}: use path`},
		{config.Match{PathTemplate: "/a{b}"}, `path_template: "/a{b}": segment "a{b}": a {part} is a whole segment`},
		{config.Match{PathTemplate: "/{b}.json"}, `path_template: "/{b}.json": segment "{b}.json": a {part} is a whole segment`},
		{config.Match{PathTemplate: "/{1}"}, `path_template: "/{1}": "{1}": a part's name is letters, digits and underscores, and does not begin with a digit`},
		{config.Match{PathTemplate: "/{}"}, `path_template: "/{}": "{}": a part's name is letters, digits and underscores, and does not begin with a digit`},
		{config.Match{PathTemplate: "/{a}/{a}"}, `path_template: "/{a}/{a}": two parts are called "a"`},
		{config.Match{PathTemplate: "/{a...}/b"}, `path_template: "/{a...}/b": "{a...}" must be the last segment`},
		{config.Match{PathTemplate: "/%7e/{a}"}, `path_template: "/%7e/{a}": "/%7e" is not in normal form: write "/~"`},
		{config.Match{PathTemplate: "/{" + strings.Join(strings.Split("abcdefghijklmnopq", ""), "}/{") + "}"},
			`path_template: "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}": has 17 parts, more than 16`},
		{config.Match{Hosts: []string{""}}, `hosts: "" has an empty label`},
		{config.Match{Hosts: []string{"*."}}, `hosts: "*." has an empty label`},
		{config.Match{Hosts: []string{"a..b"}}, `hosts: "a..b" has an empty label`},
		{config.Match{Hosts: []string{"a.*"}}, `hosts: "a.*": an asterisk may only stand for all labels at the beginning, as in "*.example.com"`},
		{config.Match{Hosts: []string{"a:80"}}, `hosts: "a:80": requests match whatever their port: leave it out, and put an IPv6 address in brackets`},
		{config.Match{Hosts: []string{"a/b"}}, `hosts: "a/b": '/' cannot stand in a host's name`},
		{config.Match{Hosts: []string{"[a]"}}, `hosts: "[a]" is not an IPv6 address in brackets`},
		{config.Match{Hosts: []string{"bücher.example"}}, `hosts: "bücher.example": write an international name as requests carry it, beginning with "xn--"`},
		{config.Match{Hosts: []string{strings.Repeat("a", 256)}}, `hosts: "` + strings.Repeat("a", 256) + `" is longer than 255 bytes`},
		{config.Match{Hosts: []string{"a", "A."}}, `hosts: "A." is there twice`},
		{config.Match{Methods: []string{"G T"}}, `methods: "G T" is not a token`},
		{config.Match{Methods: []string{"get"}}, `methods: "get": methods are case-sensitive: write "GET"`},
		{config.Match{Methods: []string{"GET", "GET"}}, `methods: "GET" is there twice`},
		{config.Match{Headers: map[string]string{"a b": "*"}}, `headers: "a b" is not a field name`},
		{config.Match{Headers: map[string]string{"Host": "a"}}, `headers: "Host": use hosts`},
		{config.Match{Headers: map[string]string{"a": "1", "A": "2"}}, `headers: "a" is there twice`},
		{config.Match{Headers: map[string]string{"a": " 1"}}, `headers: "a": no value has blanks around it, as " 1" has`},
		{config.Match{Headers: map[string]string{"a": "~("}}, `headers: "a": regular expression "(": missing closing ): "("`},
		{config.Match{Query: map[string]string{"": "1"}}, `query: a parameter has no name`},
		{config.Match{Query: map[string]string{"a": "~["}}, `query: "a": regular expression "[": missing closing ]: "["`},
	} {
		_, err := route.New([]config.Route{named("r", tt.match)}, "gateway")
		if want := `route "r": match: ` + tt.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestNewNamesEveryProblem(t *testing.T) {
	_, err := route.New([]config.Route{
		named("a", config.Match{Path: "x"}),
		named("fine", config.Match{Path: "/"}),
		named("", config.Match{PathRegex: "["}),
		{Name: "elsewhere", On: []config.Side{config.SideInbound}, Match: config.Match{Path: "x"}},
	}, "gateway")
	want := `route "a": match: path: "x" does not begin with a slash
routes[2]: match: path_regex: regular expression "[": missing closing ]: "["`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUnreachableRoutes(t *testing.T) {
	first := config.Match{Hosts: []string{"a.test", "b.test"}, PathTemplate: "/u/{id}", Methods: []string{"GET", "PUT"}, Headers: map[string]string{"A": "1", "b": "*"}}
	for _, tt := range []struct {
		name   string
		second func(m *config.Match)
		dead   bool
	}{
		{"same", func(*config.Match) {}, true},
		{"other name of a part", func(m *config.Match) { m.PathTemplate = "/u/{user}" }, true},
		{"fewer hosts", func(m *config.Match) { m.Hosts = []string{"B.test"} }, true},
		{"fewer methods", func(m *config.Match) { m.Methods = []string{"PUT"} }, true},
		{"case of a header", func(m *config.Match) { m.Headers = map[string]string{"a": "1", "B": "*"} }, true},
		{"another host", func(m *config.Match) { m.Hosts = []string{"a.test", "c.test"} }, false},
		{"another method", func(m *config.Match) { m.Methods = []string{"PUT", "POST"} }, false},
		{"all methods", func(m *config.Match) { m.Methods = nil }, false},
		{"another value", func(m *config.Match) { m.Headers = map[string]string{"a": "2", "b": "*"} }, false},
		{"another query", func(m *config.Match) { m.Query = map[string]string{"q": "!"} }, false},
		{"rest", func(m *config.Match) { m.PathTemplate = "/u/{id...}" }, false},
		{"prefix", func(m *config.Match) { m.PathTemplate, m.PathPrefix = "", "/u/%7Bid%7D" }, false},
	} {
		second := first
		tt.second(&second)
		_, err := route.New([]config.Route{named("one", first), named("two", second)}, "gateway")
		if !tt.dead {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		want := `route "two": match: cannot be reached: route "one" matches the same requests: remove one of them`
		if err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, want)
		}
	}
}
