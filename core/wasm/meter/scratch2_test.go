package meter

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	c, _ := os.ReadFile(os.Getenv("IN"))
	r, err := Rewrite(c, Options{MemoryPages: 4096})
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(os.Getenv("OUT"), r.Code, 0o644)
}
