package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestFindLines(t *testing.T) {
	const text = `a = 1
"b c" = """
[not.a.table]
x = "y" """""
'd' = '''
''' # "
[t.u] # ]
k.l = [ # ,
  1, "]",
  { m = [
    "x" ] },
]
[[r]]
n = 1
[[r.s]]
[r.s.v]
o = { p.q = 1, "r.s" = {} }
[[r]]
[[r.s]]
[[r.s]]
z = 1979-05-27 07:32:00
e = "\\" # "
f = '\'
`
	got := findLines(text)
	for key, line := range map[string]int{
		`a`: 1, `"b c"`: 2, `d`: 5, `t`: 7, `t.u`: 7, `t.u.k`: 8, `t.u.k.l`: 8,
		`t.u.k.l[0]`: 9, `t.u.k.l[1]`: 9, `t.u.k.l[2]`: 10, `t.u.k.l[2].m`: 10, `t.u.k.l[2].m[0]`: 11,
		`r`: 13, `r[0]`: 13, `r[0].n`: 14, `r[0].s[0]`: 15, `r[0].s[0].v`: 16, `r[0].s[0].v.o.p.q`: 17,
		`r[0].s[0].v.o."r.s"`: 17, `r[1]`: 18, `r[1].s[0]`: 19, `r[1].s[1]`: 20, `r[1].s[1].z`: 21, `r[1].s[1].e`: 22, `r[1].s[1].f`: 23,
	} {
		if got[key] != line {
			t.Errorf("%s: line %d, want %d", key, got[key], line)
		}
	}
	// What is not there is on the line of what is around it.
	for key, line := range map[string]int{`r[1].s[1].gone`: 20, `r[7].x`: 13, `t.u."x.y".z[3]`: 7, `gone`: 1, ``: 1} {
		if n := got.of(key); n != line {
			t.Errorf("%s: near line %d, want %d", key, n, line)
		}
	}
}

// FuzzFindLines looks for every key that the library finds: the second look
// at the text must see what the first saw, however it is written.
func FuzzFindLines(f *testing.F) {
	for _, s := range []string{
		"a = 1\n[b]\nc = \"x\"\n[[d]]\ne = {f = 1}\n[[d]]\n[d.g]\nh = [[1], [{i = 2}]]",
		"a.b.c = 1\na.\"b\".'d' = \"\"\"x\"\"\"\n[a.e]\n\"\" = '''\n'''",
		"x = [ # c\n1, # ]\n\"]\",\n]\r\n\"\\u0041\" = 2\n", "k = \"\\\"\" # \"\nl = '\\'\nm = \"\"\"\"\"\"\"\"", "a = { b = [], c = {}, }",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, problem := parseTOML("f", text)
		if problem != nil {
			return
		}
		found := findLines(text)
		last := strings.Count(text, "\n") + 1
		for key, n := range found {
			if n < 1 || n > last {
				t.Errorf("%s: line %d of %d", key, n, last)
			}
		}
		each(file, "", func(key string) {
			if _, ok := found[key]; !ok {
				t.Errorf("%s is not found in %q", key, text)
			}
		})
	})
}

// each calls see with every key below a value.
func each(v any, key string, see func(string)) {
	if key != "" {
		see(key)
	}
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			each(x, within(key, name), see)
		}
	case []map[string]any:
		for i, x := range v {
			each(x, element(key, i), see)
		}
	case []any:
		for i, x := range v {
			each(x, element(key, i), see)
		}
	}
}

// TestCheckTags reads every check tag: a bound or format that is not one
// would otherwise come to light at an operator's.
func TestCheckTags(t *testing.T) {
	seen := 0
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for f := range typ.Fields() {
			elem := f.Type
			if f.Tag.Get("toml") == "-" {
				continue
			}
			for elem.Kind() == reflect.Slice || elem.Kind() == reflect.Map {
				elem = elem.Elem()
			}
			if elem.Kind() == reflect.Struct {
				walk(elem)
			}
			for name, value := range ruleOf(f.Tag) {
				seen++
				switch name {
				case "min", "max":
					if elem.Kind() != reflect.String && boundOf(reflect.Zero(elem).Interface(), value) < 0 {
						t.Errorf("%s.%s: %s is negative", typ, f.Name, name)
					}
				case "is", "keys":
					if formats[value] == nil {
						t.Errorf("%s.%s: no format %q", typ, f.Name, value)
					}
				case "short":
					if !slices.Contains(fieldsOf(elem), value) {
						t.Errorf("%s.%s: it has no key %q", typ, f.Name, value)
					}
				case "oneof", "off", "optional", "":
				default:
					t.Errorf("%s.%s: no rule %q", typ, f.Name, name)
				}
			}
		}
	}
	walk(reflect.TypeFor[Config]())
	if seen < 80 {
		t.Errorf("only %d rules seen", seen)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"timeouts", "limits", "head_bytes", "listen"}
	for in, want := range map[string]string{
		"timeout": "timeouts", "tiemouts": "timeouts", "Limits": "limits", "head-bytes": "head_bytes",
		"lsiten": "listen", "routes": "", "": "", "x": "",
	} {
		if got := nearest(in, known); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

var _ toml.Unmarshaler = (*Duration)(nil)
var _ toml.Unmarshaler = (*Size)(nil)
