package compress

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// The bounds of a configuration.
const (
	maxLength = 1 << 30
	maxTypes  = 64
)

// read turns the configuration into a filter. None at all is one, too.
func (f *filter) read(text []byte) error {
	types := usual
	if len(text) > 0 {
		r := jsonconf.New(text)
		r.Object(func(key []byte) {
			switch string(key) {
			case "codings":
				f.codings = readCodings(r)
			case "level":
				f.level = int(r.Int(1, 9))
			case "min_length":
				f.minLength = r.Size(0, maxLength)
			case "types":
				types = readTypes(r)
			case "remove_etag":
				f.removeETag = r.Bool()
			default:
				r.Unknown("codings", "level", "min_length", "types", "remove_etag")
			}
		})
		if err := r.Err(); err != nil {
			return err
		}
	}
	for _, t := range types {
		f.types = append(f.types, patternOf(t))
	}
	return nil
}

var codingOf = map[string]weir.Coding{"gzip": weir.Gzip, "br": weir.Brotli, "zstd": weir.Zstd}

func readCodings(r *jsonconf.Reader) (list []weir.Coding) {
	r.List(func(int) {
		c := codingOf[r.OneOf("gzip", "br", "zstd")]
		for _, other := range list {
			if c == other && !r.Failed() {
				r.Fail("is there twice: remove one")
			}
		}
		list = append(list, c)
	})
	if len(list) == 0 && !r.Failed() {
		r.Fail(`is empty; give it "gzip", "br" or "zstd", or remove the filter`)
	}
	return list
}

func readTypes(r *jsonconf.Reader) (list []string) {
	r.List(func(i int) {
		t := template.Lower(r.String())
		switch {
		case r.Failed():
		case i == maxTypes:
			r.Fail("is one type too many: 64 are allowed")
		case !pattern(t):
			r.Fail(jsonconf.Quote(t), ` is not a media type: write "text/html", "text/*", "*+json" or "*"`)
		}
		list = append(list, t)
	})
	if len(list) == 0 && !r.Failed() {
		r.Fail(`is empty; for all types use "*"`)
	}
	return list
}

// pattern says whether t is one of the four forms.
func pattern(t string) bool {
	if t == "*" {
		return true
	}
	if len(t) > 2 && t[:2] == "*+" {
		return jsonconf.Token(t[2:]) && t[2:] != "*"
	}
	for i := range len(t) {
		if t[i] == '/' {
			kind, sub := t[:i], t[i+1:]
			return jsonconf.Token(kind) && jsonconf.Token(sub) && !starred(kind) && (sub == "*" || !starred(sub))
		}
	}
	return false
}

func starred(s string) bool {
	for i := range len(s) {
		if s[i] == '*' {
			return true
		}
	}
	return false
}

// patternOf is a pattern that was found to be one.
func patternOf(t string) mediaType {
	switch {
	case t[len(t)-1] == '*':
		return mediaType{text: t[:len(t)-1], prefix: true}
	case t[0] == '*':
		return mediaType{text: t[1:], suffix: true}
	}
	return mediaType{text: t}
}
