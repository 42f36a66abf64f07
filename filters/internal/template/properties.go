package template

// Properties yields those that the template looks at and that other filters set.
func (t *Template) Properties(yield func(property string)) {
	for i := range t.parts {
		switch p := &t.parts[i]; {
		case p.source == identity:
			yield(Identity)
		case p.source == property && ofFilters(p.text):
			yield(p.text)
		}
	}
}
