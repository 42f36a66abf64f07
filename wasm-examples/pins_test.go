package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var registryCrate = regexp.MustCompile(`(?m)^name = "(.+)"\nversion = "(.+)"\nsource = `)

// TestCratesArePinned: there is no Cargo.lock in the tree, so the one that a build
// makes must have no choice.
func TestCratesArePinned(t *testing.T) {
	lock, err := os.ReadFile("rust/Cargo.lock")
	if err != nil {
		missing(t, "rust/Cargo.lock", "make examples")
	}
	var pins string
	for _, file := range []string{"rust/Cargo.toml", "rust/pins/Cargo.toml"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pins += "\n" + string(b)
	}
	crates := registryCrate.FindAllStringSubmatch(string(lock), -1)
	if len(crates) == 0 {
		t.Error("Cargo.lock has no crate")
	}
	for _, c := range crates {
		if pin := c[1] + ` = "=` + c[2] + `"`; !strings.Contains(pins, "\n"+pin+"\n") {
			t.Errorf("no %s in rust/pins/Cargo.toml", pin)
		}
	}
}
