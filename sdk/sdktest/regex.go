package sdktest

import (
	"regexp"
	"regexp/syntax"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// matchRegex: operation u32, pattern length u32, replacement length u32,
// pattern, replacement, subject.
func matchRegex(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	operation := a.u32()
	p, r := a.u32(), a.u32()
	pattern, replacement := a.take(int(p)), a.take(int(r))
	subject := a.rest()
	if a.bad || len(pattern) > 4<<10 || len(replacement) > 256 {
		return nil, abi.BadArgument
	}
	re, err := regexp.Compile(string(pattern))
	if err != nil || instructions(string(pattern))*(len(subject)+1) > maxSteps {
		return nil, abi.BadArgument
	}
	switch operation {
	case 0:
		return appendBool(dst, re.Match(subject)), abi.OK
	case 1:
		at := re.FindSubmatchIndex(subject)
		if at == nil {
			return nil, abi.NotFound
		}
		for _, i := range at {
			dst = le.AppendUint32(dst, uint32(i))
		}
		return dst, abi.OK
	case 2:
		return append(dst, re.ReplaceAll(subject, replacement)...), abi.OK
	}
	return nil, abi.BadArgument
}

// maxSteps bounds an expression's instructions times the subject's length.
const maxSteps = 32 << 10

// instructions is the length of an expression's program.
func instructions(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return maxSteps
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return maxSteps
	}
	return len(program.Inst)
}
