package server

import (
	"fmt"
	"io"
	"os"

	"github.com/weirproxy/weir/core/errorpage"
)

// errors are the forms of error answers, the same for all sides; nil where they are
// plain text.
func (b *builder) errors() *errorpage.Pages {
	if !b.cfg.Errors.Negotiate || b.pages != nil {
		return b.pages
	}
	html, err := readPage(b.cfg.Errors.HTML)
	if err == nil {
		b.pages, err = errorpage.New(html)
	}
	if err != nil {
		b.problem("errors.html", "%v", err)
	}
	return b.pages
}

// readPage reads a template, no more of it than shows that it is too large; nil for
// none.
func readPage(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", path)
	}
	return io.ReadAll(io.LimitReader(f, errorpage.MaxTemplate+1))
}
