package route

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/weirproxy/weir/core/config"
)

// Normalizer brings request targets into one normal form (RFC 3986, section
// 6.2.2). It is immutable.
//
// Always: escapes of unreserved characters are decoded, the digits of other
// escapes are upper-cased; malformed escapes, escaped control characters, overlong
// UTF-8, bytes that a path must escape and ".." above the root are refused. By
// policy: dot segments, double slashes, escaped slashes and backslashes.
//
// An escape is decoded once: "%252e" stays, and is the text "%2e" for whoever
// decodes it. Parameters (";v=1") belong to their segment and stay too: "..;"
// is not a dot segment. Where escaped slashes are kept, they are no borders of
// segments. An upstream that reads one of these otherwise needs a filter that
// refuses them.
type Normalizer struct {
	dots, slashes, escaped, backslashes config.PathAction
}

// NewNormalizer makes a Normalizer. What p leaves out has its default.
func NewNormalizer(p config.Paths) (*Normalizer, error) {
	n := &Normalizer{p.DotSegments, p.DoubleSlashes, p.EscapedSlashes, p.Backslashes}
	for _, k := range []struct {
		key      string
		action   *config.PathAction
		standard config.PathAction
		third    config.PathAction // beside "reject" and "keep"
	}{
		{"dot_segments", &n.dots, config.PathNormalize, config.PathNormalize},
		{"double_slashes", &n.slashes, config.PathNormalize, config.PathNormalize},
		{"escaped_slashes", &n.escaped, config.PathReject, config.PathDecode},
		{"backslashes", &n.backslashes, config.PathReject, config.PathNormalize},
	} {
		switch *k.action {
		case "":
			*k.action = k.standard
		case config.PathReject, config.PathKeep, k.third:
		default:
			return nil, fmt.Errorf("paths.%s: %q is not an action: use %q, %q or %q",
				k.key, string(*k.action), string(config.PathReject), string(config.PathKeep), string(k.third))
		}
	}
	return n, nil
}

// Normalize is the normal form of target, a request target in origin form.
// The query is left as it is, as is the asterisk form. A target that is normal
// already is returned itself; any other is written to scratch, grown as
// needed, and is valid until scratch is used for another; what an earlier call
// wrote there may be given again. Errors are faults of kind BadRequest.
func (n *Normalizer) Normalize(target []byte, scratch *[]byte) ([]byte, error) {
	if surelyNormal(target) {
		return target, nil
	}
	return n.rewrite(target, scratch)
}

func (n *Normalizer) rewrite(target []byte, scratch *[]byte) ([]byte, error) {
	if len(target) == 0 || target[0] != '/' {
		if string(target) == "*" {
			return target, nil
		}
		return nil, errNoSlash
	}
	path := target
	if q := bytes.IndexByte(target, '?'); q >= 0 {
		path = target[:q]
	}
	w := segments{policy: n, out: slices.Grow((*scratch)[:0], len(target))}
	err := w.write(path)
	*scratch = w.out
	if err != nil {
		return nil, err
	}
	if bytes.Equal(w.out, path) {
		return target, nil
	}
	*scratch = append(w.out, target[len(path):]...)
	return *scratch, nil
}
