package compress

// mediaType is a pattern of media types: "text/html", "text/*", "*+json" or "*".
type mediaType struct {
	text   string // in lower case, without the star
	prefix bool   // the type begins so
	suffix bool   // it ends so
}

// usual are the types that are encoded unless the configuration says others: text
// in its many forms, and what is not compressed by itself.
var usual = []string{
	"text/html", "application/json", "text/plain", "text/css", "text/javascript", "application/javascript",
	"text/event-stream", "text/xml", "application/xml", "text/csv", "text/markdown", "image/svg+xml",
	"*+json", "*+xml", "application/x-javascript", "application/x-ndjson", "application/wasm",
	"font/ttf", "font/otf", "image/x-icon", "image/vnd.microsoft.icon",
}

// wants says whether bodies of a type are to be encoded.
func (f *filter) wants(media []byte) bool {
	for i := range f.types {
		t := &f.types[i]
		n, have := len(t.text), len(media)
		switch {
		case have < n:
		case t.prefix && equalFold(media[:n], t.text), t.suffix && equalFold(media[have-n:], t.text):
			return true
		case have == n && equalFold(media, t.text):
			return true
		}
	}
	return false
}

// withoutParameters cuts "; charset=utf-8" off.
func withoutParameters(value []byte) []byte {
	media, _ := cut(value, ';')
	return trim(media)
}

// grpc says whether it is one of gRPC's, whose messages are compressed one by
// one, by its own rules.
func grpc(media []byte) bool {
	const name = "application/grpc"
	return len(media) >= len(name) && equalFold(media[:len(name)], name)
}
