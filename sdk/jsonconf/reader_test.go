package jsonconf_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// limit is a configuration with every kind of value.
type limit struct {
	Name    string
	By      string
	Count   int64
	Share   float64
	Per     time.Duration
	Body    int64
	On      bool
	Tags    []string
	Headers [][2]string
}

func read(text string) (limits []limit, err error) {
	r := jsonconf.New([]byte(text))
	r.Object(func(key []byte) {
		switch string(key) {
		case "limits":
			r.List(func(int) { limits = append(limits, readLimit(r)) })
		default:
			r.Unknown("limits")
		}
	})
	if len(limits) == 0 {
		r.FailAt("limits", "needs at least one")
	}
	return limits, r.Err()
}

func readLimit(r *jsonconf.Reader) (l limit) {
	r.Object(func(key []byte) {
		switch string(key) {
		case "name":
			l.Name = r.String()
		case "by":
			l.By = r.OneOf("client_ip", "header", "route")
		case "requests":
			l.Count = r.Int(1, 1000)
		case "share":
			l.Share = r.Float(0, 1)
		case "per":
			l.Per = r.Duration(time.Millisecond, time.Hour)
		case "body":
			l.Body = r.Size(0, 1<<20)
		case "on":
			l.On = r.Bool()
		case "tags":
			l.Tags = r.Strings()
		case "headers":
			r.Object(func(name []byte) { l.Headers = append(l.Headers, [2]string{string(name), r.String()}) })
		default:
			r.Unknown("name", "by", "requests", "share", "per", "body", "on", "tags", "headers")
		}
	})
	return l
}

func TestReadsEveryKind(t *testing.T) {
	got, err := read(` {"limits" : [ {"name":"a\u00e9\ud83d\ude00\n","by":"route","requests":12,"share":0.25,"per":"1m30s",
		"body":"64KiB","on":true,"tags":["x","y"],"headers":{"x-a":"1","":"2"}}, {} ] } `)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("read %d limits, want 2", len(got))
	}
	l := got[0]
	if l.Name != "aé😀\n" || l.By != "route" || l.Count != 12 || l.Share != 0.25 || l.Per != 90*time.Second ||
		l.Body != 65536 || !l.On || len(l.Tags) != 2 || l.Tags[1] != "y" || len(l.Headers) != 2 || l.Headers[1] != [2]string{"", "2"} {
		t.Errorf("read %+v", l)
	}
}

func TestEmptyTextIsAnEmptyTable(t *testing.T) {
	r := jsonconf.New([]byte(" \n"))
	r.Object(func([]byte) { t.Error("a key in an empty text") })
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func TestMistakesSayWhereAndHowToMend(t *testing.T) {
	const kinds = `"name", "by", "requests", "share", "per", "body", "on", "tags", "headers"`
	for _, c := range []struct{ text, want string }{
		{`{"limits":[{"requets":1}]}`, `limits[0]: unknown key "requets"; did you mean "requests"?`},
		{`{"limits":[{"zzzzzzzzzz":1}]}`, `limits[0]: unknown key "zzzzzzzzzz"; use one of ` + kinds},
		{`{"limit":[]}`, `unknown key "limit"; did you mean "limits"?`},
		{`{}`, `limits: needs at least one`},
		{`[]`, `must be a table, not a list`},
		{`{"limits":{}}`, `limits: must be a list, not a table`},
		{`{"limits":[{},{"requests":0}]}`, `limits[1].requests: must be a whole number from 1 to 1000, not 0`},
		{`{"limits":[{"requests":1.5}]}`, `limits[0].requests: must be a whole number from 1 to 1000, not 1.5`},
		{`{"limits":[{"requests":"5"}]}`, `limits[0].requests: must be a whole number, not a string`},
		{`{"limits":[{"share":1.01}]}`, `limits[0].share: must be a number from 0 to 1, not 1.01`},
		{`{"limits":[{"per":5}]}`, `limits[0].per: must be a duration with a unit, such as "250ms", "2s" or "1h", not a number`},
		{`{"limits":[{"per":"5"}]}`, `limits[0].per: must be a duration with a unit, such as "250ms", "2s" or "1h", not "5"`},
		{`{"limits":[{"per":"2h"}]}`, `limits[0].per: must be from 1ms to 1h0m0s, not 2h`},
		{`{"limits":[{"body":"1TiB"}]}`, `limits[0].body: must be a size with a unit, such as "512B", "64KiB" or "1MiB", not "1TiB"`},
		{`{"limits":[{"body":"2MiB"}]}`, `limits[0].body: must be from 0B to 1048576B, not 2MiB`},
		{`{"limits":[{"by":"heade"}]}`, `limits[0].by: "heade" is not known; did you mean "header"?`},
		{`{"limits":[{"on":"true"}]}`, `limits[0].on: must be true or false, not a string`},
		{`{"limits":[{"name":null}]}`, `limits[0].name: must be a string, not null`},
		{`{"limits":[{"tags":["a",1]}]}`, `limits[0].tags[1]: must be a string, not a number`},
		{`{"limits":[{"headers":{"x.y":1}}]}`, `limits[0].headers["x.y"]: must be a string, not a number`},
		{`{"limits":[{"on":true,"on":false}]}`, `limits[0].on: is there twice: remove one`},
		{`{"limits":[{"on":true,"\u006fn":false}]}`, `limits[0].on: is there twice: remove one`},
		{`{"limits":[{}]} x`, `not valid JSON: byte 16 should be the end of the text`},
		{`{"limits":[{}`, `limits: not valid JSON: byte 13 should be "," or "]"`},
		{`{"limits":[{"requests":01}]}`, `limits[0].requests: not valid JSON: byte 25 should be a digit, and no other behind a leading 0`},
		{`{"limits":[{"name":"\ud800"}]}`, `limits[0].name: not valid JSON: byte 26 should be an escape of JSON`},
		{"{\"limits\":[{\"name\":\"\xff\"}]}", `limits[0].name: is not valid UTF-8`},
	} {
		if _, err := read(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestReadingAllocatesOnlyResults(t *testing.T) {
	text := []byte(`{"requests":10,"per":5,"on":true,"other":[1,2,3]}`)
	var n, sum int64
	got := testing.AllocsPerRun(100, func() {
		r := jsonconf.New(text)
		r.Object(func(key []byte) {
			switch string(key) {
			case "other":
				r.List(func(int) { sum += r.Int(0, 10) })
			case "on":
				r.Bool()
			default:
				n += r.Int(0, 10)
			}
		})
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
	})
	// The reader itself, its path, its keys, and one closure a value.
	if got > 20 {
		t.Errorf("%v allocations", got)
	}
}

func TestSkipIsBounded(t *testing.T) {
	for depth, want := range map[int]string{63: "", 64: "nested too deeply"} {
		r := jsonconf.New([]byte(strings.Repeat("[", depth) + "null" + strings.Repeat("]", depth)))
		r.Skip()
		if err := r.Err(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d lists: %v", depth, err)
		}
	}
}
