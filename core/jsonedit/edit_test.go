package jsonedit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirproxy/weir/core/jsonedit"
)

func op(a jsonedit.Action, path string, to ...string) jsonedit.Op {
	return jsonedit.Op{Action: a, Path: strings.Split(path, "."), To: strings.Join(to, "")}
}

const (
	pick   = jsonedit.Pick
	remove = jsonedit.Remove
	rename = jsonedit.Rename
	set    = jsonedit.Set
)

func TestAppend(t *testing.T) {
	for _, tt := range []struct {
		name     string
		ops      []jsonedit.Op
		values   string // parted by blanks
		in, want string
	}{
		{"nothing", nil, "", ` {"a" : 1.0e+9 , "b":[ 1,2 ]} `, `{"a" : 1.0e+9 , "b":[ 1,2 ]}`},
		{"pick", []jsonedit.Op{op(pick, "a"), op(pick, "b.c")}, "", `{"a":{"x":1},"b":{"c":2,"d":3},"e":4}`, `{"a":{"x":1},"b":{"c":2}}`},
		{"pick in arrays", []jsonedit.Op{op(pick, "a.b")}, "", `{"a":[1,{"b":1,"c":2},[{"b":3}],"x",{}]}`, `{"a":[{"b":1},[{"b":3}],{}]}`},
		{"pick of a scalar on the way", []jsonedit.Op{op(pick, "a.b")}, "", `{"a":1}`, `{}`},
		{"pick nothing", []jsonedit.Op{op(pick, "a")}, "", `7`, `null`},
		{"remove", []jsonedit.Op{op(remove, "a"), op(remove, "b.c")}, "", `{"a":1,"b":{"c":1,"d":2},"e":[{"a":1}]}`, `{"b":{"d":2},"e":[{"a":1}]}`},
		{"remove everywhere in an array", []jsonedit.Op{op(remove, "a")}, "", `[{"a":1,"b":2},{"a":3}]`, `[{"b":2},{}]`},
		{"remove by another spelling", []jsonedit.Op{op(remove, "a")}, "", `{"\u0061":1,"b":2}`, `{"b":2}`},
		{"rename", []jsonedit.Op{op(rename, "a", "z")}, "", `{"z":0,"a":1,"b":2}`, `{"z":1,"b":2}`},
		{"rename and change inside", []jsonedit.Op{op(rename, "a", "z"), op(remove, "a.b")}, "", `{"a":{"b":1,"c":2}}`, `{"z":{"c":2}}`},
		{"set", []jsonedit.Op{op(set, "a"), op(set, "b.c")}, `"x" 7`, `{"a":1,"b":{"c":2,"d":3}}`, `{"a":"x","b":{"c":7,"d":3}}`},
		{"set what is missing", []jsonedit.Op{op(set, "a"), op(set, "b.c"), op(set, "b.d")}, `"x" 7 8`, `{"e":1}`, `{"e":1,"a":"x","b":{"c":7,"d":8}}`},
		{"set in an empty one", []jsonedit.Op{op(set, "a")}, `1`, `{ }`, `{"a":1}`},
		{"set stays inside", []jsonedit.Op{op(set, "a.b")}, `1`, `{"a":7}`, `{"a":7}`},
		{"pick and set", []jsonedit.Op{op(pick, "a"), op(set, "b")}, `1`, `{"a":2,"b":3,"c":4}`, `{"a":2,"b":1}`},
		{"huge numbers", []jsonedit.Op{op(remove, "x")}, "", `{"a":123456789012345678901234567890.10e-400,"x":1}`, `{"a":123456789012345678901234567890.10e-400}`},
		{"a quoted name", []jsonedit.Op{op(set, "a\"\n")}, `1`, `{}`, `{"a\"\u000a":1}`},
	} {
		p, err := jsonedit.Compile(tt.ops)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		got, err := p.Append([]byte("before"), []byte(tt.in), bytes.Fields([]byte(tt.values)))
		if err != nil || string(got) != "before"+tt.want {
			t.Errorf("%s: %s %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	p, err := jsonedit.Compile([]jsonedit.Op{op(remove, "a.b")})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]error{
		"": jsonedit.ErrSyntax, "{": jsonedit.ErrSyntax, "01": jsonedit.ErrSyntax, "{}x": jsonedit.ErrSyntax, `{"a"}`: jsonedit.ErrSyntax, "[1,]": jsonedit.ErrSyntax,
		"\ufeff{}": jsonedit.ErrSyntax, "nul": jsonedit.ErrSyntax, "\"\xff\"": jsonedit.ErrSyntax, "\"\n\"": jsonedit.ErrSyntax, `"\x"`: jsonedit.ErrSyntax, "1.": jsonedit.ErrSyntax, "-": jsonedit.ErrSyntax,
		`{"x":1,"x":2}`: jsonedit.ErrDuplicate, `{"x":1,"\u0078":2}`: jsonedit.ErrDuplicate, `{"a":{"b":1,"b":2}}`: jsonedit.ErrDuplicate, `[{"q":[{"x":1,"x":2}]}]`: jsonedit.ErrDuplicate,
		deep(65): jsonedit.ErrDepth, deep(64): nil, `{"x":{"a":1},"y":{"a":1}}`: nil,
	} {
		if _, err := p.Append(nil, []byte(in), nil); !errors.Is(err, want) {
			t.Errorf("%.30q: %v, want %v", in, err, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for name, ops := range map[string][]jsonedit.Op{
		"no path":      {{Action: remove}},
		"set twice":    {op(set, "a"), op(set, "a")},
		"set inside":   {op(set, "a"), op(set, "a.b")},
		"set around":   {op(set, "a.b"), op(set, "a")},
		"one name":     {op(rename, "a", "c"), op(rename, "b", "c")},
		"set a target": {op(rename, "a", "c"), op(set, "c")},
		"no name":      {op(rename, "a")},
		"unknown":      {{Action: 9, Path: []string{"a"}}},
		"many":         make([]jsonedit.Op, 65),
	} {
		if _, err := jsonedit.Compile(ops); err == nil {
			t.Errorf("%s: compiles", name)
		}
	}
}

// FuzzAppend compares with encoding/json: what is taken is valid, and what is done
// to it makes valid JSON without what was removed.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[{"a":"\ud834\udd1e"}],"c":{"d":null}}`, `[]`, `"x"`, `{"a":{"a":{}}}`, `{"c":{"d":1,"e":2}}`, "1e5"} {
		f.Add([]byte(s))
	}
	plain, err := jsonedit.Compile(nil)
	if err != nil {
		f.Fatal(err)
	}
	p, err := jsonedit.Compile([]jsonedit.Op{op(remove, "a"), op(rename, "b", "z"), op(set, "c.d"), op(pick, "b"), op(pick, "c")})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		same, err := plain.Append(nil, in, nil)
		valid := json.Valid(in) && utf8.Valid(in)
		if err == nil != valid && err != jsonedit.ErrDuplicate && err != jsonedit.ErrDepth {
			t.Fatalf("%q: %v, encoding/json says %t", in, err, valid)
		}
		if err != nil {
			return
		}
		if want := bytes.Trim(in, " \t\r\n"); !bytes.Equal(same, want) {
			t.Errorf("%q became %q", in, same)
		}
		out, err := p.Append(nil, in, [][]byte{[]byte("7")})
		if err != nil || !json.Valid(out) {
			t.Fatalf("%q became %q, %v", in, out, err)
		}
		var m map[string]any
		if json.Unmarshal(out, &m) == nil && m != nil {
			if _, there := m["a"]; there {
				t.Errorf("%q became %q", in, out)
			}
		}
		if again, err := plain.Append(nil, out, nil); err != nil || !bytes.Equal(again, out) {
			t.Errorf("%q became %q, which is refused: %v", in, out, err)
		}
	})
}

func BenchmarkKiB(b *testing.B) {
	p, err := jsonedit.Compile([]jsonedit.Op{op(remove, "items.secret"), op(rename, "id", "order"), op(set, "by")})
	if err != nil {
		b.Fatal(err)
	}
	var doc bytes.Buffer
	doc.WriteString(`{"id":7,"items":[`)
	for doc.Len() < 980 {
		doc.WriteString(`{"name":"a thing of some length","price":12.50,"secret":"xyz"},`)
	}
	doc.WriteString(`{}]}`)
	values, dst := [][]byte{[]byte(`"ann"`)}, []byte(nil)
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = p.Append(dst[:0], doc.Bytes(), values); err != nil {
			b.Fatal(err)
		}
	}
}
