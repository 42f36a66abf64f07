package source

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// readFile is a file's content, and what the file was like before it was read.
func readFile(path string) ([]byte, os.FileInfo, error) {
	// A pipe would be waited for once it is opened.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("reading module %q: it is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading module %q: %w", path, unwrapped(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Size() > MaxModule {
		return nil, info, fmt.Errorf("reading module %q: it has %d bytes, more than %d", path, info.Size(), MaxModule)
	}
	var code []byte
	if err == nil {
		code, err = io.ReadAll(io.LimitReader(f, MaxModule))
	}
	if err != nil {
		return nil, info, fmt.Errorf("reading module %q: %w", path, unwrapped(err))
	}
	return code, info, nil
}

// unwrapped is an error of package os without the path, which is named already.
func unwrapped(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
