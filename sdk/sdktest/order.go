package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// declareOrder: lines of a word and a property's name, or of a word alone. Nothing comes of
// it here: there is no chain.
func declareOrder(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if h.phase != configuring {
		return nil, abi.BadArgument
	}
	for line := range strings.SplitSeq(string(a.rest()), "\n") {
		switch word, name, _ := strings.Cut(line, " "); {
		case line == "", line == "encodes", line == "parses":
		case (word == "sets" || word == "reads" || word == "logs") && visible(name) && name != "":
		default:
			return nil, abi.BadArgument
		}
	}
	return dst, abi.OK
}
