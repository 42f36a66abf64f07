package wasm

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/tetratelabs/wazero"
)

// imageName is the file of an entry that holds the module's machine code and nothing
// else, so that it begins with a page and can be mapped. wazero copies machine code
// to memory of its own; the image put in that memory's place, at the same address, is
// the page cache's: what never runs takes no memory, what runs is shared by all
// processes of this machine, as shared libraries are. Where there is no image, or it
// cannot be mapped, wazero's copy serves as well.
const imageName = "image"

// keepImage writes the image of compiled code into an entry that is being made.
func keepImage(sh *shared, dir string) error {
	if code := machineCode(sh.code); len(code) > 0 {
		return os.WriteFile(filepath.Join(dir, imageName), code, 0o600)
	}
	return nil
}

// takeImage puts an entry's image, if it has one, in the place of wazero's copy. No
// guest runs in it yet.
func takeImage(sh *shared, dir string) error {
	f, err := os.Open(filepath.Join(dir, imageName))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	code := machineCode(sh.code)
	if info, err := f.Stat(); err != nil || len(code) == 0 || info.Size() != int64(len(code)) {
		return errDamaged
	}
	if err := mapOver(code, f); err != nil {
		return fmt.Errorf("mapping machine code: %w", err)
	}
	return nil
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
