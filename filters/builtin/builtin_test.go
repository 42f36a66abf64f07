package builtin_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/builtin"
	_ "github.com/weirproxy/weir/filters/builtin/all" // so that a change of the filters runs the tests again
)

func TestModuleIsThereOrSaysHowToMakeIt(t *testing.T) {
	code, err := builtin.Module()
	if _, missing := os.Stat("builtin.wasm"); missing != nil {
		if !errors.Is(err, builtin.ErrMissing) || !strings.Contains(err.Error(), "go generate") {
			t.Errorf("without the module: %v", err)
		}
		return
	}
	if err != nil || !strings.HasPrefix(string(code), "\x00asm") {
		t.Errorf("with the module: %d bytes, %v", len(code), err)
	}
}

// TestGuestLinksNoHeavyPackages keeps the module small and TinyGo able to build
// it: none of these packages may come in, however far away.
func TestGuestLinksNoHeavyPackages(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing dependencies: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "github.com/weirproxy/weir/sdk") {
		t.Fatalf("the list lacks the SDK: %q", deps)
	}
	for _, banned := range []string{"fmt", "reflect", "encoding/json", "encoding/binary", "regexp", "net", "net/http", "net/url", "os", "log", "text/template", "crypto/sha256"} {
		if slices.Contains(deps, banned) {
			t.Errorf("the module links %s", banned)
		}
	}
}
