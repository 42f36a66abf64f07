package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// program is an executable file, opened.
type program struct {
	path string // as it is started
	name string // as it was found
	file *os.File
}

// open finds a program and checks what it must be. The file stays open until it
// has been started, so that what was checked is what runs, where the system can
// start an open file.
func open(name, sum string) (*program, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("finding the provider's program: %w", err)
	}
	p := &program{path: path, name: path}
	if sum == "" {
		return p, nil
	}
	if p.file, err = os.Open(path); err != nil {
		return nil, fmt.Errorf("reading the provider's program: %w", err)
	}
	if err := p.check(sum); err != nil {
		p.close()
		return nil, err
	}
	p.path = pathOf(p.file)
	return p, nil
}

func (p *program) check(sum string) error {
	h := sha256.New()
	if _, err := io.Copy(h, p.file); err != nil {
		return fmt.Errorf("reading the provider's program: %w", err)
	}
	if is := hex.EncodeToString(h.Sum(nil)); is != strings.ToLower(sum) {
		return fmt.Errorf("the provider's program %q has SHA-256 %s, not the one that sha256 names; it is not started", p.name, is)
	}
	return nil
}

func (p *program) close() {
	if p.file != nil {
		_ = p.file.Close()
	}
}

// Check says what keeps a provider from being started, nil for nothing that can
// be seen before.
func (o *Options) Check() error {
	if len(o.Command) == 0 {
		return errors.New("there is no command")
	}
	p, err := open(o.Command[0], o.SHA256)
	if err != nil {
		return err
	}
	p.close()
	return nil
}
