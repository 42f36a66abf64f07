package source

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/weirproxy/weir/core/source/ref"
)

// download is what a URL has.
func download(ctx context.Context, c *client, from ref.Ref) ([]byte, error) {
	if from.URL.Scheme == "http" {
		ctx = allowPlain(ctx)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from.URL.String(), nil)
	if err != nil {
		return nil, &refusal{error: err}
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept", "application/wasm, */*")
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, &refusal{error: fmt.Errorf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	case resp.ContentLength > MaxModule:
		return nil, &refusal{error: fmt.Errorf("it has %d bytes, more than %d", resp.ContentLength, MaxModule)}
	}
	code, err := io.ReadAll(io.LimitReader(resp.Body, MaxModule+1))
	if err == nil && len(code) > MaxModule {
		err = &refusal{error: fmt.Errorf("it has more than %d bytes", MaxModule)}
	}
	return code, err
}
