package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxSecret bounds a secret's file, in bytes: lists and pages are given that way too.
const maxSecret = 4 << 20

// Secret is a string of a filter's configuration that came from the
// environment or a file. Nothing prints it; [Secret.Reveal] gives it.
type Secret struct{ text string }

// NewSecret makes a Secret.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal is the secret's text.
func (s Secret) Reveal() string { return s.text }

// Format hides the text from every verb of package fmt.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// MarshalText hides the text from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// secretReader puts secrets in their places.
type secretReader struct {
	dir       string // of the configuration file
	lookupEnv func(string) (string, bool)
}

// resolve copies a filter's configuration, with a [Secret] for each table
// { env = "NAME" } or { file = "path" }.
func (sr secretReader) resolve(r *report, raw any, key string) any {
	switch raw := raw.(type) {
	case map[string]any:
		if kind, name := secretRef(raw); kind != "" {
			return sr.read(r, kind, name, key)
		}
		out := make(map[string]any, len(raw))
		for _, k := range sortedKeys(raw) {
			out[k] = sr.resolve(r, raw[k], within(key, k))
		}
		return out
	case []map[string]any:
		out := make([]any, len(raw))
		for i := range raw {
			out[i] = sr.resolve(r, raw[i], element(key, i))
		}
		return out
	case []any:
		out := make([]any, len(raw))
		for i := range raw {
			out[i] = sr.resolve(r, raw[i], element(key, i))
		}
		return out
	}
	return raw
}

// secretRef is what a table refers to, "" for one that is no reference.
func secretRef(t map[string]any) (kind, name string) {
	if len(t) != 1 {
		return "", ""
	}
	for _, kind := range []string{"env", "file"} {
		if name, ok := t[kind].(string); ok {
			return kind, name
		}
	}
	return "", ""
}

// read is the secret, an empty one where there is none to be had.
func (sr secretReader) read(r *report, kind, name, key string) Secret {
	var text string
	if kind == "env" {
		var ok bool
		if text, ok = sr.lookupEnv(name); !ok {
			r.reject(key, "environment variable %q is not set", name)
		}
	} else {
		var err error
		if text, err = sr.file(name); err != nil {
			r.reject(key, "%v", err)
		}
	}
	if !utf8.ValidString(text) {
		r.reject(key, "the secret of %s %q is not UTF-8, which JSON needs; encode it, in base64 for one", kind, name)
	}
	return Secret{text}
}

// file is the content of a secret's file without the line end at its end.
func (sr secretReader) file(name string) (string, error) {
	path := resolvePath(sr.dir, name)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the secret: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("reading the secret: %q is not a regular file", path)
	case info.Size() > maxSecret:
		return "", fmt.Errorf("reading the secret: %q has %d bytes, at most %d are taken", path, info.Size(), maxSecret)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

// resolvePath is a path of the file, which is relative to the file's folder.
func resolvePath(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
