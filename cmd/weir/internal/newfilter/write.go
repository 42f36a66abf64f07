package newfilter

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

const (
	suffix = ".tmpl"
	hidden = "gitignore" // whose name begins with a dot where it is written
	common = "common"    // what is the same in all languages
	folder = 0o755
)

// file is one to be written.
type file struct {
	path    string // within the filter's folder
	content []byte
}

// files are all files of a filter.
func (f *filter) files() (all []file, err error) {
	for _, part := range []string{common, f.Language.Name} {
		root := path.Join("templates", part)
		err := fs.WalkDir(templates, root, func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := f.fill(at)
			if err != nil {
				return err
			}
			name := strings.TrimSuffix(strings.TrimPrefix(at, root+"/"), suffix)
			if name == hidden {
				name = "." + name
			}
			all = append(all, file{name, text})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("filling in the templates: %w", err)
		}
	}
	return all, nil
}

// fill is a template's text for this filter. Its delimiters are none that a
// language or TOML has.
func (f *filter) fill(at string) ([]byte, error) {
	t, err := template.New(path.Base(at)).Delims("«", "»").Option("missingkey=error").ParseFS(templates, at)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// write makes the filter's folder. What it has begun and cannot finish it
// takes away again.
func (f *filter) write(dir string) (err error) {
	all, err := f.files()
	if err != nil {
		return err
	}
	made, err := empty(dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			undo(dir, made)
		}
	}()
	for _, one := range all {
		at := filepath.Join(dir, filepath.FromSlash(one.path))
		if err := os.MkdirAll(filepath.Dir(at), folder); err != nil {
			return fmt.Errorf("writing the filter: %w", err)
		}
		if err := os.WriteFile(at, one.content, 0o644); err != nil {
			return fmt.Errorf("writing the filter: %w", err)
		}
	}
	return nil
}

// empty makes a folder, or finds it empty. made says which.
func empty(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, folder); err != nil {
			return false, fmt.Errorf("making the filter's folder: %w", err)
		}
		return true, nil
	case err != nil:
		return false, fmt.Errorf("making the filter's folder: %w", err)
	case len(entries) > 0:
		return false, fmt.Errorf("making the filter's folder: %q is there and not empty; choose another name", dir)
	}
	return false, nil
}

// undo removes what is in a folder that was empty, and the folder if it was
// made.
func undo(dir string, made bool) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(dir, e.Name()))
	}
	if made {
		_ = os.Remove(dir)
	}
}
