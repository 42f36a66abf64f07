package filtertest

import (
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// decode is a body without its content coding.
func decode(coding, body string) (string, error) {
	var r io.Reader = strings.NewReader(body)
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return "", err
		}
		r = z
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			return "", err
		}
		defer z.Close()
		r = z
	default:
		return "", fmt.Errorf("the content coding %q is not known", coding)
	}
	plain, err := io.ReadAll(r)
	return string(plain), err
}
