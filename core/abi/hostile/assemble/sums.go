package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// sumsName is the file in which a folder's sums are: a line for each text, with
// its SHA-256 and that of the binary made of it.
const sumsName = "wat.sum"

// sums are those of what is in the folder now.
func sums(dir string) (string, error) {
	texts, err := filepath.Glob(filepath.Join(dir, "*.wat"))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, path := range texts {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		binary, err := os.ReadFile(wasmOf(path))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%x %x %s\n", sha256.Sum256(text), sha256.Sum256(binary), filepath.Base(path))
	}
	return b.String(), nil
}

// fresh fails unless each binary is the one that was made of its text.
func fresh(dir string) error {
	is, err := sums(dir)
	if err != nil {
		return err
	}
	was, err := os.ReadFile(filepath.Join(dir, sumsName))
	if err != nil {
		return err
	}
	for line := range strings.Lines(is) {
		if !strings.Contains(string(was), line) {
			name := strings.Fields(line)[2]
			return fmt.Errorf("%s and its binary are not those that %s knows", name, sumsName)
		}
	}
	return nil
}
