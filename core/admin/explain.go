package admin

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// The bounds of a question.
const (
	maxQuestion  = 4 << 20 // bytes
	questionTime = 30 * time.Second
)

// explain answers a question about a request. It ends when the asker goes away.
func explain(src Source) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), questionTime)
		defer cancel()
		answer, err := src.Explain(ctx, http.MaxBytesReader(w, r.Body, maxQuestion))
		_, bad := errors.AsType[BadQuestion](err)
		switch {
		case bad:
			say(w, http.StatusBadRequest, err.Error())
		case err != nil:
			say(w, http.StatusInternalServerError, err.Error())
		default:
			view(func() any { return answer })(w, r)
		}
	}
}
