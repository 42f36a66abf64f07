package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Document is another TOML file that is read as strictly as proxy.toml: into
// structs with toml and check tags, with all that is wrong found at once.
type Document struct {
	decoder
	source
}

// maxDocument bounds a document, in bytes.
const maxDocument = 4 << 20

// OpenDocument reads a file into a struct that into points to.
func OpenDocument(path string, into any) (*Document, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, Problems{{File: path, Message: fmt.Sprintf("reading the file: it has more than %v", Size(maxDocument))}}
	}
	return ParseDocument(path, data, into)
}

// ParseDocument is [OpenDocument] for a file's content. Its error is of syntax;
// what else is wrong is in Err.
func ParseDocument(path string, data []byte, into any) (*Document, error) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	file, problem := parseTOML(path, text)
	if problem != nil {
		return nil, Problems{*problem}
	}
	d := &Document{source: source{file: path, lines: findLines(text)}}
	d.fill(file, into)
	return d, nil
}

// fill reads what was parsed.
func (d *Document) fill(file map[string]any, into any) {
	d.side, d.secrets = SideGateway, secretReader{filepath.Dir(d.file), os.LookupEnv}
	v := reflect.ValueOf(into).Elem()
	d.structure(file, v, "")
	r := &report{}
	r.checkStruct(v, "")
	d.merge(r.found)
}

// Add notes something wrong with a key, in a sentence that goes on from its
// name and says what to do.
func (d *Document) Add(key, format string, args ...any) {
	if !d.covers(key) { // what stands there was not taken, and that was said
		d.add(key, format, args...)
	}
}

// AddProblems notes what is wrong with keys of the table at key.
func (d *Document) AddProblems(key string, ps Problems) {
	for _, p := range ps {
		d.add(join(key, p.Key), "%s", p.Message)
	}
}

// Err is all that is wrong, a [Problems], or nil.
func (d *Document) Err() error {
	if problems := d.in(d.file, d.lines); len(problems) > 0 {
		return problems
	}
	return nil
}

// Line is where a key stands, or the nearest table around it.
func (d *Document) Line(key string) int { return d.lines.of(key) }

// Resolve is a path of the document as one of the process: it is relative to
// the document's folder.
func (d *Document) Resolve(path string) string { return resolvePath(d.secrets.dir, path) }

// Value is implemented by types that may be written in several forms.
type Value interface {
	// DecodeTOML takes a parsed value: a string, int64, float64, bool,
	// time.Time, map[string]any or a slice of one of these. What does not fit it
	// says through r.
	DecodeTOML(r *Reader, raw any)
}

// Reader is what a [Value] reads with.
type Reader struct {
	d   *decoder
	key string
}

// Reject says what is wrong with the value.
func (r *Reader) Reject(format string, args ...any) { r.d.reject(r.key, format, args...) }

// RejectKind says that the value is of the wrong kind.
func (r *Reader) RejectKind(raw any, want string) {
	r.Reject("is %s, want %s", kindOf(raw), want)
}

// Into reads raw into what v points to by the ordinary rules: strictly.
func (r *Reader) Into(raw, v any) { r.d.value(raw, reflect.ValueOf(v).Elem(), r.key) }

// Each reads the elements of an array: make answers where the next goes.
func (r *Reader) Each(raw any, do func(r *Reader, raw any)) bool {
	rv := reflect.ValueOf(raw)
	if rv.Kind() != reflect.Slice {
		return false
	}
	for i := range rv.Len() {
		do(&Reader{r.d, element(r.key, i)}, rv.Index(i).Interface())
	}
	return true
}

// Entries reads a table in the order of its keys.
func (r *Reader) Entries(raw any, do func(r *Reader, name string, raw any)) bool {
	t, ok := raw.(map[string]any)
	if !ok {
		return false
	}
	for _, name := range sortedKeys(t) {
		do(&Reader{r.d, within(r.key, name)}, name, t[name])
	}
	return true
}

// Resolve is a path of the file as one of the process.
func (r *Reader) Resolve(path string) string { return resolvePath(r.d.secrets.dir, path) }

// join is the path of a key within the table at path.
func join(path, key string) string {
	if path == "" || key == "" || strings.HasPrefix(key, "[") {
		return path + key
	}
	return fmt.Sprintf("%s.%s", path, key)
}

// Key is where the value stands.
func (r *Reader) Key() string { return r.key }

// Has says whether a key stands in the document.
func (d *Document) Has(key string) bool {
	_, ok := d.lines[key]
	return ok
}
