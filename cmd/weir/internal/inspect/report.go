package inspect

import (
	"errors"
	"strings"

	"github.com/weirproxy/weir/core/abi"
	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/core/wasm/meter"
	"github.com/weirproxy/weir/core/wasm/signature"
	"github.com/weirproxy/weir/core/wasm/wasi"
)

// report is all that is said of a module; its JSON is the command's.
type report struct {
	File     string    `json:"file"`
	SHA256   string    `json:"sha256"`
	Size     int       `json:"size"`
	Module   *module   `json:"module,omitempty"` // nil for what is none
	Verdicts []verdict `json:"verdicts"`
	Admitted bool      `json:"admitted"`
}

// module is what the module is.
type module struct {
	ABI       named    `json:"abi"`
	Language  named    `json:"language"`
	Producers []tool   `json:"producers"`
	Phases    []string `json:"phases"`
	// Connections are its callbacks of TCP connections.
	Connections []string  `json:"connections,omitempty"`
	Memory      memory    `json:"memory"`
	Tables      tables    `json:"tables"`
	Functions   int       `json:"functions"`
	Loops       int       `json:"loops_metered"`
	Recursion   recursion `json:"recursion"`
	Start       []string  `json:"start"`
	Native      *native   `json:"native,omitempty"`
	Imports     []port    `json:"imports"`
	Exports     []port    `json:"exports"`
	Sections    []section `json:"custom_sections"`
	Signature   signed    `json:"signature"`
}

// signed is what the signature in a module says; whether it is good takes keys.
type signed struct {
	By      []signer `json:"by"`
	Problem string   `json:"problem,omitempty"`
}

type signer struct {
	KeyID string `json:"key_id"`
	Whole bool   `json:"whole_module"`
}

// named is what something is, of which version, and what that was seen by.
type named struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Why     string `json:"why,omitempty"`
}

type tool struct {
	Field   string `json:"field"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// memory is in pages of 64 KiB.
type memory struct {
	Min   uint32 `json:"min_pages"`
	Max   uint32 `json:"max_pages,omitempty"` // the module's own, 0 for none
	Limit uint32 `json:"limit_pages"`
	Fits  bool   `json:"fits"`
}

type tables struct {
	Count   int `json:"count"`
	Entries int `json:"entries"`
}

// recursion is how deep calls can be nested that come back to themselves.
type recursion struct {
	Functions int `json:"functions"`
	Stack     int `json:"stack_bytes"`
	Deepest   int `json:"most_calls,omitempty"`
}

type native struct {
	Bytes  int64   `json:"bytes"`
	TookMS float64 `json:"compile_ms"`
}

// port is an import or an export. State is an import's.
type port struct {
	Module string `json:"module,omitempty"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Type   string `json:"type,omitempty"`
	State  state  `json:"state,omitempty"`
	Note   string `json:"note,omitempty"`
}

// state is what becomes of an import.
type state string

// The states.
const (
	supported state = "supported"
	stubbed   state = "stub"
	refused   state = "refused"
)

type section struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// verdict is whether a module is admitted, and every reason why not.
type verdict struct {
	Filter   string   `json:"filter,omitempty"` // "" for the limits alone
	Memory   uint32   `json:"memory_pages"`
	Budget   string   `json:"budget"`
	Calls    int      `json:"host_calls"`
	Admitted bool     `json:"admitted"`
	Reasons  []string `json:"reasons"`
}

// describe is what was found out about a module.
func describe(in *inspection) *module {
	info := &in.Info
	m := &module{
		ABI:         named{Name: string(in.abi), Why: in.why},
		Language:    named{Name: string(info.Language), Why: info.Evidence},
		Producers:   []tool{},
		Phases:      in.Phases.Names(),
		Connections: in.Connections,
		Memory: memory{
			Min: info.MemoryMin, Max: info.MemoryOwn, Limit: in.Limits.MemoryPages,
			Fits: info.MemoryMin <= in.Limits.MemoryPages,
		},
		Tables:    tables{info.Tables, info.Entries},
		Functions: info.Functions,
		Loops:     info.Loops,
		Recursion: recursion{Functions: info.Recursion.Functions, Stack: wasm.Stack},
		Start:     []string{},
		Imports:   []port{},
		Exports:   []port{},
		Sections:  []section{},
		Signature: signers(in.code),
	}
	if in.abi == "" {
		m.ABI.Name = unknown
	}
	if in.abi == abi.ProxyWasm {
		m.ABI.Version = version(info)
	}
	if info.Language == meter.LanguageUnknown {
		m.Language.Name = unknown
	}
	if f := info.Recursion.Frame; f > 0 {
		m.Recursion.Deepest = wasm.Stack / f
	}
	for _, p := range info.Producers {
		m.Producers = append(m.Producers, tool(p))
	}
	for _, c := range info.Customs {
		m.Sections = append(m.Sections, section(c))
	}
	if info.Start {
		m.Start = append(m.Start, "start function")
	}
	for _, i := range info.Imports {
		m.Imports = append(m.Imports, in.importOf(i))
	}
	for _, e := range info.Exports {
		p := port{Name: e.Name, Kind: e.Kind.String(), Type: e.Type}
		switch {
		case e.Kind != meter.KindFunction:
		case in.abi == abi.ProxyWasm:
			p.Note = proxywasm.Role(e.Name)
		case in.abi == abi.HTTPWasm:
			p.Note = httpwasm.Role(e.Name)
		}
		if proxywasm.Starts(e.Name) {
			m.Start = append(m.Start, e.Name)
		}
		m.Exports = append(m.Exports, p)
	}
	if in.Compiled() {
		m.Native = &native{in.Native.Bytes, float64(in.Native.Took.Microseconds()) / 1e3}
	}
	return m
}

// unknown is what cannot be told; it is not guessed.
const unknown = "unknown"

// version is the one of Proxy-Wasm that a module marks.
func version(info *meter.Info) string {
	return strings.ReplaceAll(strings.TrimPrefix(info.ABI[0], "proxy_abi_version_"), "_", ".")
}

func signers(code []byte) signed {
	s := signed{By: []signer{}}
	found, err := signature.Signers(code)
	if err != nil && !errors.Is(err, signature.ErrUnsigned) {
		s.Problem = err.Error()
	}
	for _, f := range found {
		s.By = append(s.By, signer{f.ID, f.Whole})
	}
	return s
}

// importOf is what becomes of an import.
func (in *inspection) importOf(i meter.Import) port {
	p := port{Module: i.Module, Name: i.Name, Kind: i.Kind.String(), Type: i.Type, State: supported}
	if reason, wrong := in.wrong[[2]string{i.Module, i.Name}]; wrong || i.Kind != meter.KindFunction {
		p.State, p.Note = refused, reason
		return p
	}
	switch {
	case wasi.Is(i.Module):
		need, known := wasi.Need(i.Name)
		if p.Note = need; !known {
			p.State = refused
		}
	case in.abi == abi.HTTPWasm:
		if i.Module != "http_handler" || !httpwasm.Known(i.Name) {
			p.State, p.Note = stubbed, "ends the instance when it is called"
		}
	case i.Module == "env":
		need, known := proxywasm.Need(i.Name)
		if p.Note = need; !known {
			p.State, p.Note = stubbed, "answers UNIMPLEMENTED"
		}
	}
	return p
}
