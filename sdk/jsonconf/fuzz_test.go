package jsonconf_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// walk reads whatever is there, by trying each kind in turn.
func walk(r *jsonconf.Reader, text []byte, depth int) any {
	if depth > 50 {
		r.Fail("is too deep")
		return nil
	}
	switch kind(text) {
	case 'o':
		m := map[string]any{}
		var raw map[string]json.RawMessage
		json.Unmarshal(text, &raw)
		r.Object(func(key []byte) { m[string(key)] = walk(r, raw[string(key)], depth+1) })
		return m
	case 'l':
		l := []any{}
		var raw []json.RawMessage
		json.Unmarshal(text, &raw)
		r.List(func(i int) { l = append(l, walk(r, raw[i], depth+1)) })
		return l
	case 's':
		return r.String()
	case 'b':
		return r.Bool()
	}
	return r.Float(-1e300, 1e300)
}

func kind(text []byte) byte {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '{':
		return 'o'
	case '[':
		return 'l'
	case '"':
		return 's'
	case 't', 'f':
		return 'b'
	}
	return 0
}

// FuzzReader compares with encoding/json: what we accept it accepts too, with
// the same values.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `""`, ` {"a":[1,2.5,-0,1e3],"b":{"c":"\u00e9\ud83d\ude00\/"}} `, `{"a":1,"a":2}`,
		`[[[[]]]]`, `"\ud800"`, `01`, `{"a"}`, `[1,]`, `tru`, `"` + "\xff" + `"`, `{"":""}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := jsonconf.New(text)
		var want any
		refErr := json.Unmarshal(text, &want)
		if refErr != nil && len(bytes.TrimSpace(text)) > 0 {
			// Any walk must end in an error, too, and not panic.
			r.Object(func(key []byte) { r.List(func(int) { _ = r.String() }) })
			if r.Err() == nil {
				t.Fatalf("accepted %q, which encoding/json refuses: %v", text, refErr)
			}
			return
		}
		got := walk(r, text, 0)
		if err := r.Err(); err != nil {
			if err.Error() == "" || !utf8.ValidString(err.Error()) && utf8.Valid(text) {
				t.Fatalf("error text %q", err)
			}
			return
		}
		if len(bytes.TrimSpace(text)) == 0 {
			return
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !bytes.Equal(a, b) {
			t.Fatalf("%q reads as %s, not %s", text, a, b)
		}
	})
}

// FuzzSkip passes over any text: what it takes, encoding/json takes too.
func FuzzSkip(f *testing.F) {
	for _, s := range []string{`{"a":[null,true,-1.5e3,{"b":""}]}`, `null`, `nul`, `[[[[1]]]]`, `{"a":1,"a":2}`, `[1,]`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := jsonconf.New(text)
		r.Skip()
		if r.Err() == nil && len(bytes.TrimSpace(text)) > 0 && !json.Valid(text) {
			t.Errorf("%q was passed over", text)
		}
	})
}

// FuzzUnits reads any text as a duration and a size.
func FuzzUnits(f *testing.F) {
	for _, s := range []string{"250ms", "1h30m", "64KiB", "1GB", "9223372036854775807B", "-1s", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			return
		}
		r := jsonconf.New(quoted)
		if d := r.Duration(0, 1<<40); d < 0 || d > 1<<40 {
			t.Errorf("%q is the duration %v", text, d)
		}
		r = jsonconf.New(quoted)
		if n := r.Size(1, 1<<40); r.Err() == nil && (n < 1 || n > 1<<40) {
			t.Errorf("%q is the size %d", text, n)
		}
	})
}
