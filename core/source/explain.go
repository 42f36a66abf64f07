package source

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// queries are those of URLs within a text. Storages behind registries sign
// them: whoever reads the log must not get the module by it.
var queries = regexp.MustCompile(`\?[^\s"']+`)

// maxReason bounds what a server says of itself, in bytes.
const maxReason = 600

// explain is an error as logs may show it.
func explain(err error) error {
	text := queries.ReplaceAllString(err.Error(), "?…")
	if len(text) > maxReason {
		text = text[:maxReason] + "…"
	}
	return errors.New(text)
}

// ofRegistry makes what a registry refuses an error with a remedy.
func ofRegistry(err error) error {
	var answer *errcode.ErrorResponse
	switch {
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return &refusal{error: fmt.Errorf("the registry does not let us in; give credentials: %w", err)}
	case errors.Is(err, errdef.ErrNotFound):
		return &refusal{error: fmt.Errorf("the registry does not have it: %w", err)}
	case !errors.As(err, &answer):
		return err
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return &refusal{error: fmt.Errorf("the registry does not let us in; are credentials missing, or wrong? %w", err)}
	}
	return &refusal{error: err}
}
