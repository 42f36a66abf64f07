package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// MaxJSON is the size of documents, in bytes, that [JSONEdits.Edit] takes.
const MaxJSON = 16 << 10

// JSONEdits are changes of JSON documents, which the host makes. Paths are names of
// members parted by NUL, from the outermost on; arrays on the way stand for each of
// their elements. The zero value changes nothing.
type JSONEdits struct {
	rules  []byte
	values int
	args   []byte
}

// Pick keeps a member. What is not picked goes.
func (e *JSONEdits) Pick(path string) { e.add(0, path, "") }

// Remove removes a member.
func (e *JSONEdits) Remove(path string) { e.add(1, path, "") }

// Rename gives a member another name. One that has it already goes.
func (e *JSONEdits) Rename(path, to string) { e.add(2, path, to) }

// Set gives a member the next of the values that Edit is called with, and makes it
// where it is missing.
func (e *JSONEdits) Set(path string) {
	e.add(3, path, "")
	e.values++
}

func (e *JSONEdits) add(action uint32, path, to string) {
	e.rules = appendText(appendText(le.AppendUint32(e.rules, action), path), to)
}

// Any says whether there are any.
func (e *JSONEdits) Any() bool { return len(e.rules) > 0 }

// Edit is a document, of at most MaxJSON bytes, with the changes; values are JSON.
// sdk.ErrSerialization says that it is not valid, or ambiguous: with members that are
// there twice. sdk.ErrBadArgument says that the changes cannot be made together.
func (e *JSONEdits) Edit(document []byte, values [][]byte) ([]byte, error) {
	return sdk.Foreign("weir.json_edit", e.arguments(document, values))
}

// EditLater is Edit for documents of up to 1 MiB, beside the lane: the filter pauses,
// and the answer comes to its OnForeign with the function that is answered here, for
// ReadJSON.
func (e *JSONEdits) EditLater(document []byte, values [][]byte) (function uint32, err error) {
	b, err := sdk.Foreign("weir.async.json_edit", e.arguments(document, values))
	if err == nil && len(b) != 4 {
		err = sdk.ErrSerialization
	}
	if err != nil {
		return 0, err
	}
	return le.Uint32(b), nil
}

// ReadJSON reads what OnForeign gets.
func ReadJSON(answer []byte) ([]byte, error) {
	if len(answer) < 4 || le.Uint32(answer) != 0 {
		return nil, sdk.ErrSerialization
	}
	return answer[4:], nil
}

func (e *JSONEdits) arguments(document []byte, values [][]byte) []byte {
	b := appendRun(e.args[:0], e.rules)
	b = le.AppendUint32(b, uint32(len(values)))
	for _, v := range values {
		b = appendRun(b, v)
	}
	e.args = append(b, document...)
	return e.args
}
