package respond

import (
	"strings"

	"github.com/weirproxy/weir/filters/internal/escape"
	"github.com/weirproxy/weir/filters/internal/template"
)

// body is what is answered.
type body struct {
	text     string
	fills    bool // text is a template
	template template.Template
	escape   func(dst, v []byte) []byte
}

// escapeFor is how text of a stranger is written into a document of that type. In
// a type that is not known it is left out.
func escapeFor(contentType string) func(dst, v []byte) []byte {
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "text/plain":
		return func(dst, v []byte) []byte { return append(dst, v...) }
	case kind == "text/html", kind == "text/xml", kind == "application/xml", strings.HasSuffix(kind, "+xml"):
		return escape.HTML
	case kind == "application/json", strings.HasSuffix(kind, "+json"):
		return escape.JSON
	}
	return nil
}
