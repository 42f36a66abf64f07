package filtertest

import (
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/sdk"
)

// hostFunctions are those of the real host that the emulated one has no version of.
var hostFunctions = map[string]func(args []byte) ([]byte, error){"weir.json_edit": hostFunction("weir.json_edit")}

func hostFunction(name string) func(args []byte) ([]byte, error) {
	f := foreign.NewRegistry().Find([]byte(name))
	return func(args []byte) ([]byte, error) {
		result, _, status := f.Run(nil, nil, args)
		switch status {
		case foreign.OK:
			return result, nil
		case foreign.SerializationFailure:
			return nil, sdk.ErrSerialization
		}
		return nil, sdk.ErrBadArgument
	}
}
