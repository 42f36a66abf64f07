package route_test

import (
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
)

func TestCondition(t *testing.T) {
	post := &config.Match{Methods: []string{"POST"}}
	below := &config.Match{PathPrefix: "/open"}
	host := &config.Match{Hosts: []string{"*.a.test", "b.test"}}
	query := &config.Match{Query: map[string]string{"n": "~[0-9]+ ?"}}
	for _, tt := range []struct {
		when, unless *config.Match
		request      string
		want         bool
	}{
		{nil, nil, "/", true},
		{post, nil, "/", false},
		{post, nil, "POST /", true},
		{nil, below, "/open", false},
		{nil, below, "/open/a?b", false},
		{nil, below, "/opens", true},
		{post, below, "POST /x", true},
		{post, below, "POST /open/x", false},
		{post, below, "/x", false},
		{host, nil, "X.A.test:80/", true},
		{host, nil, "b.test/", true},
		{host, nil, "a.test/", false},
		{query, nil, "/?n=1%32+", true},
		{query, nil, "/?n=x&n=1", true},
		{query, nil, "/?n=%zz", false},
		{nil, query, "/?m", true},
		{&config.Match{PathTemplate: "/u/{id}"}, nil, "/u/7", true},
		{&config.Match{PathTemplate: "/u/{id}"}, nil, "/u/7/8", false},
		{&config.Match{PathRegex: "/u/[0-9]+"}, nil, "/u/7", true},
		{&config.Match{Headers: map[string]string{"x-a": "!"}}, nil, "/", true},
	} {
		c, err := route.NewCondition(tt.when, tt.unless, false)
		if err != nil {
			t.Fatal(err)
		}
		h := request(tt.request)
		if got := c.Meets(h); got != tt.want {
			t.Errorf("when %+v unless %+v: %s: %t", tt.when, tt.unless, tt.request, got)
		}
		if n := testing.AllocsPerRun(100, func() { c.Meets(h) }); n >= 1 {
			t.Errorf("%s: %v allocations", tt.request, n)
		}
	}
}

func TestNewConditionNamesEveryProblem(t *testing.T) {
	_, err := route.NewCondition(&config.Match{Path: "x"}, &config.Match{PathRegex: "["}, false)
	want := "when: path: \"x\" does not begin with a slash\nunless: path_regex: regular expression \"[\": missing closing ]: \"[\""
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
