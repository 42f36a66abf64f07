package meter

import "fmt"

// Describe is what a module says of itself, without vetting its code: loops
// and recursion are not looked for.
func Describe(code []byte) (Info, error) {
	m, err := decode(code, Options{MemoryPages: 1 << 16}.withDefaults())
	if err != nil {
		return Info{}, fmt.Errorf("reading the module: %w", err)
	}
	return m.describe(), nil
}
