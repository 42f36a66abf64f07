package sdktest

import "github.com/weirproxy/weir/sdk"

// Message is what has left the filter in one direction. Framing fields
// (content-length, transfer-encoding) are not shown: they are the proxy's,
// whatever a filter writes.
type Message struct {
	Body []byte
	End  bool // nothing follows

	passed   bool
	head     fields
	trailers fields
}

func (m *Message) reset() {
	m.head.reset()
	m.trailers.reset()
	m.Body, m.End, m.passed = m.Body[:0], false, false
}

func (m *Message) passHead(h fields) {
	m.passed = true
	m.head.reset()
	for i := range h {
		switch n := string(h[i].name); n {
		case "content-length", "transfer-encoding":
		default:
			m.head.add(n, sdk.View(h[i].value))
		}
	}
}

func (m *Message) passTrailers(t fields) {
	m.trailers.reset()
	for i := range t {
		m.trailers.add(sdk.View(t[i].name), sdk.View(t[i].value))
	}
}

// Passed says whether the head has left the filter.
func (m *Message) Passed() bool { return m.passed }

// Status is a response's status, 0 while there is none.
func (m *Message) Status() int {
	n := 0
	for _, c := range m.Get(":status") {
		n = n*10 + int(c-'0')
	}
	return n
}

// Get is the first value of name, or "".
func (m *Message) Get(name string) string {
	if i := m.head.find(name); i >= 0 {
		return string(m.head[i].value)
	}
	return ""
}

// Has says whether there is a field of name.
func (m *Message) Has(name string) bool { return m.head.find(name) >= 0 }

// Values are all values of name.
func (m *Message) Values(name string) []string {
	var list []string
	for _, f := range m.Headers() {
		if f.Name == name {
			list = append(list, f.Value)
		}
	}
	return list
}

// Headers is the head.
func (m *Message) Headers() []sdk.Field { return m.head.list() }

// Trailers are the trailers.
func (m *Message) Trailers() []sdk.Field { return m.trailers.list() }

func (f fields) list() []sdk.Field {
	list := make([]sdk.Field, 0, len(f))
	for i := range f {
		list = append(list, sdk.Field{Name: string(f[i].name), Value: string(f[i].value)})
	}
	return list
}
