package route

import (
	"bytes"

	"github.com/weirproxy/weir/core/config"
)

// segments writes a path in normal form, segment by segment. What is written
// is never longer than what was read.
type segments struct {
	policy *Normalizer
	out    []byte
	start  int // of the segment being written, behind its slash
	depth  int // segments below the root, where dot segments are kept
}

// write writes path, which begins with a slash.
func (w *segments) write(path []byte) error {
	w.out = append(w.out, '/')
	w.start = 1
	for path = path[1:]; len(path) > 0; {
		c, escaped, err := w.policy.unit(path)
		if err != nil {
			return err
		}
		switch {
		case escaped:
			w.out = append(w.out, '%', upperHex[c>>4], upperHex[c&15])
		case c == '/':
			if err := w.border(false); err != nil {
				return err
			}
		default:
			w.out = append(w.out, c)
		}
		if path[0] == '%' {
			path = path[2:]
		}
		path = path[1:]
	}
	return w.border(true)
}

// border ends a segment, by a slash unless it is the last.
func (w *segments) border(last bool) error {
	segment := w.out[w.start:]
	switch string(segment) {
	case "":
		if last {
			return nil
		}
		switch w.policy.slashes {
		case config.PathReject:
			return errDoubleSlash
		case config.PathNormalize:
			return nil
		}
	case ".", "..":
		done, err := w.dots(len(segment) == 2)
		if done || err != nil {
			return err
		}
	default:
		w.depth++
	}
	if !last {
		w.out = append(w.out, '/')
		w.start = len(w.out)
	}
	return nil
}

// dots settles a dot segment, and says whether it is gone.
func (w *segments) dots(up bool) (gone bool, err error) {
	switch w.policy.dots {
	case config.PathReject:
		return false, errDotSegment
	case config.PathKeep:
		if !up {
			return false, nil
		}
		// Empty segments don't count: an upstream may merge them.
		if w.depth--; w.depth < 0 {
			return false, errAboveRoot
		}
		return false, nil
	}
	if up {
		if w.start == 1 {
			return false, errAboveRoot
		}
		w.start = bytes.LastIndexByte(w.out[:w.start-1], '/') + 1
	}
	w.out = w.out[:w.start]
	return true, nil
}

// unit reads what p begins with, one byte or one escape of it, and says
// whether it stays an escape.
func (n *Normalizer) unit(p []byte) (c byte, escaped bool, err error) {
	c = p[0]
	switch {
	case c == '%':
		if c, err = unescape(p); err != nil {
			return 0, false, err
		}
		switch {
		case c < ' ' || c == 0x7f:
			return 0, false, errEscapedControl
		case c == '/' || c == '\\':
			if n.escaped == config.PathReject {
				return 0, false, errEscapedSlash
			}
			escaped = n.escaped == config.PathKeep
		case overlong(c, p[3:]):
			return 0, false, errOverlong
		default:
			escaped = !unreserved[c]
		}
	case c <= ' ' || c >= 0x7f || c == '#':
		return 0, false, errRawByte
	}
	if c == '\\' && !escaped {
		switch n.backslashes {
		case config.PathReject:
			return 0, false, errBackslash
		case config.PathNormalize:
			c = '/'
		}
	}
	return c, escaped, nil
}
