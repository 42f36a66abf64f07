package escape_test

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirproxy/weir/filters/internal/escape"
)

func FuzzEscapes(f *testing.F) {
	for _, s := range []string{"", "plain", `<a href="x">'&amp;`, "\x00\x1f\x7f\xff", "\u2028\u2029\\", "ü€𝄞"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		valid := strings.ToValidUTF8(s, "")
		var back string
		text := `"` + string(escape.JSON(nil, []byte(s))) + `"`
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%q: %s: %v", s, text, err)
		}
		if valid == s && back != s {
			t.Errorf("%q is %q after JSON", s, back)
		}
		page := string(escape.HTML(nil, []byte(s)))
		if strings.ContainsAny(page, `<>"'`) || !utf8.ValidString(page) {
			t.Errorf("%q is %q in HTML", s, page)
		}
		if plain := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) < 0; plain && html.UnescapeString(page) != s {
			t.Errorf("%q is %q after HTML", s, html.UnescapeString(page))
		}
		if strings.ContainsAny(text[1:len(text)-1], "<>&") {
			t.Errorf("%q is %s", s, text)
		}
	})
}
