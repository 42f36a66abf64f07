package meter

import "math"

// Options are the bounds a module is held to. A zero field means its
// default.
type Options struct {
	MemoryPages  uint32 // pages of 64 KiB of linear memory; 512. A larger maximum is lowered to it
	TableEntries uint32 // entries of each table; 65536
	Depth        uint32 // KiB of native stack for recursion, or Unbounded; 16384
	ModuleBytes  int    // size of the module; 16 MiB
	BodyBytes    int    // size of one function's body; 1 MiB
	Functions    int    // functions, imported ones included; 50000
	Types        int    // function types; 10000
	Imports      int    // imports of any kind; 1000
	Exports      int    // exports of any kind; 10000
	Globals      int    // globals, imported ones included; 10000
	Tables       int    // tables; 16
	Segments     int    // data segments and element segments, each; 100000
	Params       int    // parameters, and results, of one function type; 1000
	Locals       int    // locals of one function, parameters included; 10000
	Nesting      int    // blocks inside blocks; 10000
	BranchTable  int    // targets of one br_table; 65536
	Regions      int    // straight stretches of code of one function; 10000
	Effort       int    // what compiling may take, see effort.go; 1000000000
}

// roomy are bounds for what is only looked at: what takes no more than time
// and memory by the module's size has none.
var roomy = Options{
	MemoryPages: 1 << 16, TableEntries: math.MaxUint32, ModuleBytes: math.MaxInt, BodyBytes: math.MaxInt,
	Functions: math.MaxInt32, Segments: math.MaxInt32, Locals: math.MaxInt32, Nesting: math.MaxInt32,
	BranchTable: math.MaxInt32, Regions: math.MaxInt32, Effort: math.MaxInt,
}

// Result is a rewritten module and what was seen in it.
type Result struct {
	Code []byte
	Info Info
}

func (o Options) withDefaults() Options {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def32 := func(v *uint32, d uint32) {
		if *v == 0 {
			*v = d
		}
	}
	def32(&o.MemoryPages, 512)
	def32(&o.TableEntries, 65536)
	def32(&o.Depth, 16384)
	def(&o.ModuleBytes, 16<<20)
	def(&o.BodyBytes, 1<<20)
	def(&o.Functions, 50000)
	def(&o.Types, 10000)
	def(&o.Imports, 1000)
	def(&o.Exports, 10000)
	def(&o.Globals, 10000)
	def(&o.Tables, 16)
	def(&o.Segments, 100000)
	def(&o.Params, 1000)
	def(&o.Locals, 10000)
	def(&o.Nesting, 10000)
	def(&o.BranchTable, 65536)
	def(&o.Regions, 10000)
	def(&o.Effort, mostEffort)
	return o
}
