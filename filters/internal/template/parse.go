package template

import "github.com/weirproxy/weir/sdk/jsonconf"

// Names are the placeholders that [Parse] knows, for messages.
func Names() []string {
	var names []string
	for _, s := range sources {
		names = append(names, "{"+s.name+"}")
	}
	return append(names, "{header:NAME}", "{claim:NAME}", "{response_header:NAME}", "{property:PATH}")
}

// Named compiles a placeholder's name, or a text with placeholders in braces:
// "client_ip" is "{client_ip}".
func Named(text string) (Template, error) {
	for i := range len(text) {
		if text[i] == '{' {
			return Parse(text)
		}
	}
	return Parse("{" + text + "}")
}

// Parse compiles text of one line. "{{" stands for a brace.
func Parse(text string) (Template, error) {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return Template{}, Error("a control character cannot stand in a value")
		}
	}
	return ParseText(text)
}

// ParseText is Parse for text of many lines.
func ParseText(text string) (Template, error) {
	var t Template
	var plain []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '{' && i+1 < len(text) && text[i+1] == '{':
			plain = append(plain, '{')
			i++
		case c == '}' && i+1 < len(text) && text[i+1] == '}':
			plain = append(plain, '}')
			i++
		case c == '{':
			end := i + 1
			for end < len(text) && text[end] != '}' {
				end++
			}
			if end == len(text) {
				return t, Error(`"{" has no "}"; write "{{" for a brace`)
			}
			p, err := placeholder(text[i+1 : end])
			if err != nil {
				return t, err
			}
			t.literal(string(plain))
			plain = plain[:0]
			t.parts = append(t.parts, p)
			i = end
		default:
			plain = append(plain, c)
		}
	}
	t.literal(string(plain))
	return t, nil
}

func (t *Template) literal(text string) {
	if text != "" {
		t.parts = append(t.parts, part{literal, text})
	}
}

func placeholder(name string) (part, error) {
	for _, s := range sources {
		if s.name == name {
			return part{source: s.source}, nil
		}
	}
	for i := range len(name) {
		if name[i] != ':' {
			continue
		}
		switch of := name[i+1:]; {
		case of == "":
			return part{}, Error("placeholder {" + name + "} lacks a name behind the colon")
		case name[:i] == "header":
			return part{header, Lower(of)}, nil
		case name[:i] == "claim":
			return part{property, Claim + of}, nil
		case name[:i] == "response_header":
			return part{responseHeader, Lower(of)}, nil
		case name[:i] == "property":
			return part{property, propertyPath(of)}, nil
		}
		break
	}
	return part{}, Error("unknown placeholder {" + name + "}" + jsonconf.Suggest("{"+name+"}", Names()))
}

// propertyPath puts NULs between the segments of an attribute; a filter's own
// property is one segment, with its dots.
func propertyPath(dotted string) string {
	for _, group := range [...]string{"request.", "response.", "source.", "destination.", "connection.", "upstream.", "xds.", "node."} {
		if len(dotted) > len(group) && dotted[:len(group)] == group {
			b := []byte(dotted)
			for i, c := range b {
				if c == '.' {
					b[i] = 0
				}
			}
			return string(b)
		}
	}
	return dotted
}

// Error is a mistake in a template.
type Error string

func (e Error) Error() string { return string(e) }

// Lower is name in lower case, as the ABI has header names.
func Lower(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
