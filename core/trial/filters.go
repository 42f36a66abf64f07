package trial

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// tested is what the filter of [filter] is called in a chain.
const tested = "filter"

// filters finds the filters of a case and their order.
func (b *builder) filters(c *Case, t *caseTable) {
	c.filters = map[string]config.Filter{tested: t.Filter.Over(b.file.Filter.Filter)}
	for _, tables := range []map[string]filterTable{b.file.Filters, t.Filters} {
		for name := range tables {
			if name == tested {
				b.once("filters."+name, "is the filter under test: write it as [filter]")
				continue
			}
			mine, base := t.Filters[name], b.file.Filters[name]
			c.filters[name] = mine.Over(base.Filter)
		}
	}
	c.chain = t.Chain
	key := c.key + ".chain"
	if c.chain == nil {
		c.chain, key = b.file.Chain, "chain"
	}
	switch {
	case c.chain == nil && len(c.filters) > 1:
		b.once("chain", "missing; there are several filters: say their order, like chain = [%s]", list(slices.Sorted(maps.Keys(c.filters))))
	case c.chain == nil:
		c.chain = []string{tested}
	case len(c.chain) == 0:
		b.once(key, "is empty; name at least one filter")
	}
	for i, name := range c.chain {
		at := fmt.Sprintf("%s[%d]", key, i)
		f, ok := c.filters[name]
		switch {
		case !ok:
			b.once(at, "there is no filter %q; there is %s", name, list(slices.Sorted(maps.Keys(c.filters))))
			continue
		case slices.Contains(c.chain[:i], name):
			b.once(at, "%q is there twice", name)
			continue
		}
		c.filters[name] = b.finish(c, name, f)
	}
}

// finish gives a filter its module and its defaults, and finds what is wrong
// with its table.
func (b *builder) finish(c *Case, name string, f config.Filter) config.Filter {
	var problems config.Problems
	if f.Module != "" {
		f.Module = b.doc.Resolve(f.Module)
	} else if f.Use == "" {
		f.Module = b.module()
	}
	if info, err := os.Stat(f.Module); f.Module != "" && (err != nil || !info.Mode().IsRegular()) {
		key := b.key(c, name, "module")
		if !b.doc.Has(key) {
			key = "module"
		}
		b.once(key, "there is no module %q; build the filter", f.Module)
	}
	if problems = f.Finish(""); f.Module == "" && f.Use == "" {
		problems = slices.DeleteFunc(problems, func(p config.Problem) bool { return p.Key == "use" }) // told already
	}
	for _, p := range problems {
		b.once(b.key(c, name, p.Key), "%s", p.Message)
	}
	return f
}

// key is where a key of a filter's table stands: in the case, or else in the
// file.
func (b *builder) key(c *Case, name, key string) string {
	table := "filters." + name
	if name == tested {
		table = tested
	}
	if own := c.key + "." + table + "." + key; b.doc.Has(own) {
		return own
	}
	return table + "." + key
}

// module is the one under test.
func (b *builder) module() string {
	if b.suite.Module != "" || b.found == "none" {
		return b.suite.Module
	}
	module, err := FindModule(b.dir)
	if err != nil {
		b.found = "none"
		b.once("module", "missing: %v; give its path", err)
	}
	b.suite.Module = module
	return module
}

// once notes a problem of what several cases share.
func (b *builder) once(key, format string, args ...any) {
	if !b.told[key] {
		b.told[key] = true
		b.doc.Add(key, format, args...)
	}
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, ", ")
}
