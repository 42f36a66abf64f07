package inspect

import (
	"context"
	"errors"

	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/core/abi"
	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/core/wasm/meter"
)

// inspection is what the host of a module's ABI makes of it.
type inspection struct {
	*proxywasm.Inspection
	code  []byte
	abi   abi.ABI              // "" for none that is known
	why   string               // what that is seen by
	wrong map[[2]string]string // imports that are refused, and why
}

// look inspects a module under limits.
func look(e *wasm.Engine, code []byte, l wasm.Limits) *inspection {
	in := &inspection{code: code, wrong: map[[2]string]string{}}
	in.Inspection = proxywasm.Inspect(e, wasm.Source{Name: "module", Code: code, Limits: l})
	var err error
	in.abi, err = abi.Of(code)
	switch {
	case in.Info.SizeBefore == 0:
		// It is no module, which was found already.
	case err != nil:
		in.Problems = append(in.Problems, err)
	case in.abi == abi.HTTPWasm:
		h := httpwasm.Inspect(e, wasm.Source{Name: "module", Code: code, Limits: l})
		in.Inspection = &proxywasm.Inspection{Inspection: h.Inspection, Phases: h.Phases, Stubs: h.Stubs, Breaches: h.Breaches}
		fallthrough
	default:
		in.why = seenBy(&in.Info)
		in.Problems = append(in.Problems, in.Breaches...)
	}
	for _, err := range in.Problems {
		if w, ok := errors.AsType[wasm.ImportError](err); ok {
			in.wrong[[2]string{w.Module, w.Name}] = w.Err.Error()
		}
	}
	return in
}

// seenBy is the export or import that shows a module's ABI.
func seenBy(info *meter.Info) string {
	if len(info.ABI) > 0 {
		return "exports " + info.ABI[0]
	}
	for _, i := range info.Imports {
		if i.Module == "http_handler" {
			return "imports " + i.Module + "." + i.Name
		}
	}
	return "exports handle_request"
}

// judge says of a module, whose content is code, whether it is admitted: under
// the defaults, or under a configuration if there is one.
func judge(ctx context.Context, file string, code []byte, under string, o config.Overrides) (*report, error) {
	e, err := wasm.New(wasm.Options{})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	r := &report{File: file, SHA256: wasm.HashOf(code).String(), Size: len(code)}
	looked := map[wasm.Limits]*inspection{}
	within := func(l wasm.Limits) *inspection {
		in := looked[l]
		if in == nil {
			in = look(e, code, l)
			looked[l] = in
		}
		if r.Module == nil && in.Info.SizeBefore > 0 {
			r.Module = describe(in)
		}
		return in
	}
	if under == "" {
		r.add("", within(wasm.Limits{}), nil, nil)
		return r, nil
	}
	admission, err := server.Admit(ctx, server.Options{File: under, Overrides: o, Builtins: bundled.Filters{}}, file, code)
	if err != nil {
		return nil, err
	}
	for _, t := range admission.Filters {
		r.add(t.Name, within(t.Limits), t.Refused, t.Failed)
	}
	if len(admission.Filters) == 0 {
		r.add("", within(admission.Limits), nil, nil)
	}
	return r, nil
}

// add adds a verdict. What loading failed with is a reason only where the
// inspection found none: it would be the same.
func (r *report) add(filter string, in *inspection, refused, failed error) {
	v := verdict{
		Filter: filter, Memory: in.Limits.MemoryPages, Budget: in.Limits.Budget.String(), Calls: in.Limits.HostCalls,
		Reasons: []string{},
	}
	if refused != nil {
		v.Reasons = append(v.Reasons, refused.Error())
	}
	for _, err := range in.Problems {
		v.Reasons = append(v.Reasons, err.Error())
	}
	if failed != nil && len(in.Problems) == 0 {
		v.Reasons = append(v.Reasons, failed.Error())
	}
	v.Admitted = len(v.Reasons) == 0
	r.Admitted = v.Admitted && (r.Admitted || len(r.Verdicts) == 0)
	r.Verdicts = append(r.Verdicts, v)
}
