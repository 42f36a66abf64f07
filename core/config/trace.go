package config

import (
	"fmt"
	"net/url"
	"strings"
)

// Trace is where the spans of requests go. Which requests leave any is for the
// filter "trace" of their routes to say.
type Trace struct {
	// URL of a receiver of OTLP over HTTP that spans are sent to, such as
	// "http://127.0.0.1:4318/v1/traces". Default "": they are not made.
	Endpoint string `toml:"endpoint" check:"is=receiver"`
	// Header fields sent with them; a value is a string, { env = "NAME" } or { file = "path" }. Default none.
	Headers map[string]any `toml:"headers" check:"keys=header"`
	// File of PEM certificates that the receiver is trusted by, relative to this file. Default: the system's.
	Roots string `toml:"roots"`
	// Spans that may wait to be sent, in memory; further ones are dropped. Default "8MiB".
	Queue Size `toml:"queue" check:"min=64KiB,max=1GiB"`
	// Spans from which they are sent at once, in one request. Default "256KiB".
	Batch Size `toml:"batch" check:"min=4KiB,max=16MiB"`
	// That a span waits at most. Default "1s".
	Interval Duration `toml:"interval" check:"min=10ms,max=1m"`
	// Of one request to the receiver. Default "10s".
	Timeout Duration `toml:"timeout" check:"min=10ms,max=1m"`
	// Attribute service.name of all spans. Default: node.cluster, or "weir-" and the role.
	Service string `toml:"service" check:"is=printable"`
	// Further attributes of this process, such as { "deployment.environment.name" = "prod" }. Default none.
	Resource map[string]string `toml:"resource" check:"keys=printable"`
}

func (t *Trace) complete(dir string) { t.Roots = resolvePath(dir, t.Roots) }

// Fields are the header fields with their values, secrets revealed.
func (t *Trace) Fields() map[string]string {
	fields := make(map[string]string, len(t.Headers))
	for name, v := range t.Headers {
		fields[name] = fieldText(v)
	}
	return fields
}

func fieldText(v any) string {
	if s, ok := v.(Secret); ok {
		return s.text
	}
	s, _ := v.(string)
	return s
}

// check finds header fields that cannot be sent, and keys that say nothing.
func (t *Trace) check(r *report) {
	for _, name := range sortedKeys(t.Headers) {
		key := within("trace.headers", name)
		switch t.Headers[name].(type) {
		case Secret:
		case string:
			if strings.EqualFold(name, "authorization") || looksSecret(name) {
				r.add(key, "is a secret, which does not stand in the file; give it as { env = \"NAME\" } or { file = \"path\" }")
			}
		default:
			r.add(key, "is %s, want a string, { env = \"NAME\" } or { file = \"path\" }", kindOf(t.Headers[name]))
			continue
		}
		for _, c := range []byte(fieldText(t.Headers[name])) {
			if c < ' ' && c != '\t' || c == 0x7f {
				r.add(key, "has a control character, which no header field can have")
				break
			}
		}
		switch strings.ToLower(name) {
		case "host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding":
			r.add(key, "is what the protocol has to say; leave it out")
		}
	}
	if t.Queue > 0 && t.Batch > t.Queue {
		r.add("trace.batch", "%v is more than trace.queue = %v", t.Batch, t.Queue)
	}
	if t.Roots != "" && strings.HasPrefix(t.Endpoint, "http://") {
		r.add("trace.roots", "are given, but trace.endpoint is http://, which shows no certificate; leave one out")
	}
}

// receiverWrong: where spans can be posted to.
func receiverWrong(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Sprintf("%q is not an http:// or https:// URL of a receiver, such as \"http://127.0.0.1:4318/v1/traces\"", withoutPassword(s))
	case u.User != nil:
		return "has a password in it; put it into trace.headers: { authorization = { env = \"NAME\" } }"
	case u.Fragment != "":
		return fmt.Sprintf("%q has a fragment, which is never sent; leave it out", s)
	case u.Path == "" || u.Path == "/":
		return fmt.Sprintf("%q has no path; receivers take spans at /v1/traces", s)
	}
	return ""
}
