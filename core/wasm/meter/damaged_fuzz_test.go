package meter

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// FuzzDamaged damages modules that compilers made. The pass never panics; the
// engine takes what it makes of a module exactly where it takes the module; and
// each function of one that is let in comes back within its fuel.
func FuzzDamaged(f *testing.F) {
	modules := realModules(f)
	for k := range modules {
		f.Add(uint16(k), uint16(k+1), []byte{})
		f.Add(uint16(k), uint16(k+7), []byte{0, 3, 0, 0, 9, 1, 2, 9, 0, 1, 77, 3})
		f.Add(uint16(k), uint16(k+3), []byte{7, byte(k), 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, one, two uint16, script []byte) {
		if len(script) > 256 {
			return
		}
		code := damage(modules[int(one)%len(modules)], modules[int(two)%len(modules)], script)
		res, err := Rewrite(code, Options{MemoryPages: 64, Regions: 2000, Depth: 2048})
		if err != nil || len(code) > 64<<10 {
			return // the built-in filters take seconds to compile
		}
		before := takes(t, code)
		g, err := startAlone(t, res.Code)
		if g == nil {
			if before == nil {
				t.Fatalf("the engine took it, and when metered says %v", err)
			}
			return
		}
		if before != nil {
			t.Fatalf("the engine takes it when metered, and before said %v", before)
		}
		if err != nil {
			return // its start function trapped
		}
		g.comeBack(t)
	})
}

// takes is nil for a module that the engine takes.
func takes(t *testing.T, code []byte) error {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	defer rt.Close(ctx)
	_, err := rt.CompileModule(ctx, code)
	return err
}

// startAlone instantiates a metered module whose imports do nothing. It is nil
// when the engine does not take the code; an error with it is the start's.
func startAlone(t *testing.T, code []byte) (*guest, error) {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	t.Cleanup(func() { rt.Close(ctx) })
	c, err := rt.CompileModule(ctx, code)
	if err != nil {
		return nil, err
	}
	g := &guest{slice: 100_000, most: 20}
	hosts := map[string]wazero.HostModuleBuilder{}
	seen := map[[2]string]bool{}
	for _, d := range c.ImportedFunctions() {
		module, name, _ := d.Import()
		if seen[[2]string{module, name}] {
			return g, errBudget // wazero has one function of a name
		}
		seen[[2]string{module, name}] = true
		if hosts[module] == nil {
			hosts[module] = rt.NewHostModuleBuilder(module)
		}
		do := func(_ context.Context, _ api.Module, stack []uint64) { clear(stack) }
		if module == Module {
			do = g.refuel
		}
		hosts[module].NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(do), d.ParamTypes(), d.ResultTypes()).Export(name)
	}
	for _, h := range hosts {
		if _, err := h.Instantiate(ctx); err != nil {
			return g, err
		}
	}
	g.Module, err = rt.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err == nil {
		g.fuel = g.ExportedGlobal(Fuel).(api.MutableGlobal)
	}
	return g, err
}

// comeBack calls what the guest exports. Each call returns or traps, with no
// more spent than it was given and what may pass between two looks.
func (g *guest) comeBack(t *testing.T) {
	for name := range g.ExportedFunctionDefinitions() {
		g.refuels = 0
		given := int64(g.fuel.Get())
		f := g.ExportedFunction(name)
		_, _ = f.Call(context.Background(), make([]uint64, len(f.Definition().ParamTypes()))...)
		left := int64(g.fuel.Get())
		if spent := given + int64(g.refuels)*g.slice - left; spent < 0 {
			t.Errorf("%q gave back %d units", name, -spent)
		}
		if left < -3*g.slice {
			t.Errorf("%q spent %d units before the last look", name, -left)
		}
		g.fuel.Set(0)
	}
}
