package foreign

import (
	"regexp"
	"regexp/syntax"
	"time"
)

// The bounds of expressions. Matching takes time in the product of program
// and subject at worst: steps, of some 6 ns each. Ordinary expressions take a
// twentieth of that, so on a lane the bound lies above what 50 us would allow.
const (
	regexCache     = 8 << 20 // bytes of expressions kept compiled
	maxPattern     = 4 << 10 // bytes
	maxReplacement = 256     // bytes
	maxProgram     = 4_000   // instructions
	perInstruction = 64      // bytes an instruction takes
	laneSteps      = 32 << 10
	asyncSteps     = 16 << 20
	maxReplaced    = 1 << 20 // bytes
)

// regex has RE2 expressions, compiled once each.
type regex struct{ compiled *cache[expression] }

type expression struct {
	re    *regexp.Regexp // nil: does not compile
	steps int            // instructions of the program
}

func newRegex() *regex { return &regex{newCache[expression](regexCache)} }

func (x *regex) functions() []Function {
	return []Function{
		{Name: "weir.regex", Run: x.bounded(laneSteps)},
		{Name: "weir.async.regex", Async: true, Run: x.bounded(asyncSteps)},
	}
}

// The operations. Values are part of the encoding.
const (
	regexMatch   = 0
	regexFind    = 1
	regexReplace = 2
)

// bounded: operation u32, pattern length u32, replacement length u32, pattern,
// replacement, subject. match → found u32; find → a pair of u32 for the match
// and each group, its begin and end in the subject, all ones for a group that
// took no part, or NOT_FOUND; replace → the subject with every match replaced,
// $1 and ${name} in the replacement standing for groups.
func (x *regex) bounded(steps int) Func {
	return func(_ Call, dst, b []byte) ([]byte, int64, Status) {
		a := args{b: b}
		operation := a.u32()
		p, r := a.u32(), a.u32()
		pattern, replacement := a.bytes(p), a.bytes(r)
		subject := a.rest()
		if !a.ok() || len(pattern) > maxPattern || len(replacement) > maxReplacement {
			return dst, refusal, BadArgument
		}
		e, cost := x.compile(pattern)
		if e.re == nil || e.steps*(len(subject)+1) > steps {
			return dst, cost, BadArgument
		}
		begin := time.Now()
		s := BadArgument
		switch operation {
		case regexMatch:
			dst, s = appendBool(dst, e.re.Match(subject)), OK
		case regexFind:
			dst, s = find(dst, e.re, subject)
		case regexReplace:
			dst, s = replace(dst, e.re, subject, replacement)
		}
		// What it took depends on the text, so it is measured, but a pause of
		// this goroutine is not the guest's to pay.
		const atMost = 10 // ns a step
		took := min(int64(time.Since(begin)), atMost*int64(e.steps)*int64(len(subject)+1))
		return dst, cost + took, s
	}
}

// compile answers a remembered expression. Those that do not compile are
// remembered too, or a guest could have the work done again and again.
func (x *regex) compile(pattern []byte) (expression, int64) {
	const found = 100 // ns
	if e, ok := x.compiled.find(pattern); ok {
		return e, found
	}
	begin := time.Now()
	e := compile(string(pattern))
	x.compiled.add(pattern, e, perInstruction*(e.steps+4))
	return e, int64(time.Since(begin))
}

func compile(pattern string) expression {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return expression{}
	}
	steps := instructions(parsed)
	if steps > maxProgram {
		return expression{}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return expression{}
	}
	return expression{re, steps}
}

// instructions is about how many a parsed expression compiles to. It is known
// before repetitions are written out: a few bytes can stand for millions.
func instructions(re *syntax.Regexp) int {
	n := 2 + len(re.Rune)/8
	if re.Op == syntax.OpLiteral {
		n = 1 + len(re.Rune)
	}
	for _, part := range re.Sub {
		n += instructions(part)
		if n > maxProgram {
			return n
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1) + 1
	}
	return min(n, maxProgram+1)
}

func find(dst []byte, re *regexp.Regexp, subject []byte) ([]byte, Status) {
	at := re.FindSubmatchIndex(subject)
	if at == nil {
		return dst, NotFound
	}
	for _, i := range at {
		dst = appendU32(dst, uint32(i))
	}
	return dst, OK
}

func replace(dst []byte, re *regexp.Regexp, subject, replacement []byte) ([]byte, Status) {
	from, begin := 0, len(dst)
	for _, at := range re.FindAllSubmatchIndex(subject, -1) {
		dst = append(dst, subject[from:at[0]]...)
		dst = re.Expand(dst, replacement, subject, at)
		from = at[1]
		if len(dst)-begin > maxReplaced {
			return dst, BadArgument
		}
	}
	return append(dst, subject[from:]...), OK
}
