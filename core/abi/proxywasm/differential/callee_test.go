package differential_test

import "strings"

// callee is the origin that filters call. The path says what it does.
func callee(o *origin) {
	m := *o.head
	err := m.readBody(o.r, false)
	o.whole = err == nil
	for _, l := range m.normal("origin").lines("call> ") {
		o.run.note("callee", l)
	}
	_, path, _ := strings.Cut(m.start, " ")
	path, _, _ = strings.Cut(path, " ")
	switch path {
	case "/denied":
		o.say(answer("403 Forbidden", "no", "X-Why: because"))
	case "/empty":
		o.say(answer("204 No Content", ""))
	case "/large":
		o.say(answer("200 OK", strings.Repeat("0123456789abcdef", 8<<10)))
	case "/trailers":
		o.say(answerChunked([]string{"chunk", "ed"}, "X-End: yes"))
	case "/silent":
		o.awaitEnd()
	case "/reset":
		o.reset()
	case "/broken":
		o.say(head("HTTP/1.1 200 OK", []string{"Content-Length: 10"}) + "half")
		o.reset()
	default:
		o.say(answer("200 OK", "called", "X-Called: yes"))
	}
}
