package meter

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// errBudget is what a guest's refuel ends it with.
var errBudget = errors.New("budget spent")

// guest is an instance a test runs.
type guest struct {
	api.Module
	fuel    api.MutableGlobal // nil when it is not metered
	refuels int
	slice   int64 // what refuel gives
	most    int   // how often it gives
}

// used is the fuel spent since the instance began.
func (g *guest) used() int64 {
	return int64(g.refuels)*g.slice - int64(g.fuel.Get())
}

// refuel is what metered code calls.
func (g *guest) refuel(_ context.Context, m api.Module, _ []uint64) {
	if g.fuel == nil {
		g.fuel = m.ExportedGlobal(Fuel).(api.MutableGlobal)
	}
	if g.refuels == g.most {
		panic(errBudget)
	}
	g.refuels++
	g.fuel.Set(uint64(int64(g.fuel.Get()) + g.slice))
}

// cache spares the second compilation of a module within a run of the tests.
var cache = sync.OnceValue(wazero.NewCompilationCache)

// start instantiates a module, metered or not.
func start(t testing.TB, code []byte, slice int64, most int) (*guest, error) {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().
		WithCoreFeatures(api.CoreFeaturesV2).WithCompilationCache(cache()))
	t.Cleanup(func() { rt.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, rt)
	g := &guest{slice: slice, most: most}
	_, err := rt.NewHostModuleBuilder(Module).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(g.refuel), nil, nil).Export(Refuel).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c, err := rt.CompileModule(ctx, code)
	if err != nil {
		return nil, err
	}
	m, err := rt.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	g.Module = m
	if global := m.ExportedGlobal(Fuel); global != nil {
		g.fuel = global.(api.MutableGlobal)
	}
	return g, nil
}

// pair runs a module as it is and metered.
func pair(t testing.TB, code []byte, o Options) (plain, metered *guest) {
	t.Helper()
	res, err := Rewrite(code, o)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err = start(t, code, 0, 0); err != nil {
		t.Fatal(err)
	}
	if metered, err = start(t, res.Code, 100_000, 1<<30); err != nil {
		t.Fatal(err)
	}
	return plain, metered
}

var guestOnce struct {
	sync.Once
	code []byte
	err  error
}

// goGuest builds testdata/guest with the Go toolchain that runs the tests.
func goGuest(t testing.TB) []byte {
	t.Helper()
	guestOnce.Do(func() {
		out := filepath.Join(t.TempDir(), "guest.wasm")
		cmd := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/guest")
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		if msg, err := cmd.CombinedOutput(); err != nil {
			guestOnce.err = errors.New(err.Error() + ": " + string(msg))
			return
		}
		guestOnce.code, guestOnce.err = os.ReadFile(out)
	})
	if guestOnce.err != nil {
		t.Fatal(guestOnce.err)
	}
	return guestOnce.code
}
