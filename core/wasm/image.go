package wasm

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/cespare/xxhash/v2"
	"github.com/tetratelabs/wazero"
)

// imageName is the file of an entry that holds the module's machine code and nothing
// else, so that it begins with a page and can be mapped. wazero copies machine code
// to memory of its own; the image put in that memory's place, at the same address, is
// the page cache's: what never runs takes no memory, what runs is shared by all
// processes of this machine, as shared libraries are. Where there is no image, or it
// cannot be mapped, wazero's copy serves as well.
const imageName = "image"

// keepImage writes the image of machine code into an entry that is being made.
func keepImage(code []byte, dir string) error {
	if len(code) == 0 {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, imageName), code, 0o600)
}

// takeImage puts an entry's image, if it has one, in the place of wazero's copy. No
// guest runs in it yet, and none will unless the sum is that of what is there then.
func takeImage(sh *shared, dir string, sum uint64) error {
	code := machineCode(sh.code)
	mapped, err := mapImage(code, filepath.Join(dir, imageName), sum)
	if err == nil && !mapped && xxhash.Sum64(code) != sum {
		err = errDamaged
	}
	return err
}

// mapImage is false without an error where there is no image, or none can be mapped.
func mapImage(code []byte, path string, sum uint64) (mapped bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, nil
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.Size() != int64(len(code)) {
		return false, errDamaged
	}
	// It is read, not looked at where it is mapped: a disk that fails is an error here,
	// and would end the process there. In pieces: to touch as much fresh memory takes
	// longer than the sum.
	h := xxhash.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 128<<10)); err != nil || h.Sum64() != sum {
		return false, errDamaged
	}
	if mapped, err = mapOver(code, f); err != nil {
		return false, fmt.Errorf("mapping machine code: %w", err)
	}
	return mapped, nil
}

// machineCode is where wazero holds a module's machine code, which it does not tell:
// the longest that the module's engine has. It is read by the names of wazero's
// fields; nil where a wazero has others, which a test would show.
func machineCode(m wazero.CompiledModule) (code []byte) {
	modules := field(field(reflect.ValueOf(m), "compiledEngine"), "compiledModules")
	if modules.Kind() != reflect.Map {
		return nil
	}
	for all := modules.MapRange(); all.Next(); {
		v := field(field(all.Value(), "executables"), "executable")
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && v.Len() > len(code) {
			code = v.Bytes()
		}
	}
	return code
}

// field is a field of the structure that v is, or points to; else nothing.
func field(v reflect.Value, name string) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.FieldByName(name)
}
