package authority

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/private"
)

// A join token is this prefix, by which it is found where it does not belong, and
// 32 random bytes in base64url.
const (
	tokenPrefix = "weir-join-"
	tokenBytes  = 32
)

// tokenFolder has a file for each token that can be used, by its SHA-256: who reads
// the folder cannot join.
const tokenFolder = "tokens"

// mostTokenLife bounds how long a token can be used.
const mostTokenLife = 30 * 24 * time.Hour

// errToken is all that is said of a token that is not taken.
var errToken = errors.New("the join token is unknown, was used, or has expired")

// grant is what a token is for.
type grant struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
}

// Token makes a join token, by which one member gets its first identity within life.
func (a *Authority) Token(id string, life time.Duration, now time.Time) (string, error) {
	r, err := a.current()
	if err != nil {
		return "", err
	}
	if _, err := r.member(id); err != nil {
		return "", err
	}
	if life < time.Second || life > mostTokenLife {
		return "", fmt.Errorf("a life of %v for a token is out of range; it is 1s to %v", life, mostTokenLife)
	}
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // it never fails
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(b)
	text, err := json.Marshal(grant{id, now.Add(life).UTC()})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(a.dir, tokenFolder), 0o700); err != nil {
		return "", fmt.Errorf("keeping a token: %w", err)
	}
	return token, writePrivate(a.tokenFile(token), text)
}

func (a *Authority) tokenFile(token string) string {
	sum := sha256.Sum256([]byte(token))
	return filepath.Join(a.dir, tokenFolder, hex.EncodeToString(sum[:])+".json")
}

// isToken says whether s has the form of a token.
func isToken(s string) bool {
	text, ok := strings.CutPrefix(s, tokenPrefix)
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return ok && err == nil && len(b) == tokenBytes && !strings.ContainsAny(text, "\r\n")
}

// granted is whom a token is for. use then uses it up.
func (a *Authority) granted(token string, r *roots, now time.Time) (id spiffeid.ID, use func() error, err error) {
	if !isToken(token) {
		return id, nil, errToken
	}
	path := a.tokenFile(token)
	text, err := os.ReadFile(path)
	if err != nil {
		return id, nil, errToken
	}
	var g grant
	if err := json.Unmarshal(text, &g); err != nil {
		return id, nil, errToken
	}
	if !now.Before(g.Expires) {
		_ = os.Remove(path)
		return id, nil, errToken
	}
	id, err = r.member(g.ID)
	if err != nil {
		return id, nil, errToken
	}
	// Of several that come at once, one removes the file.
	return id, func() error {
		if private.Remove(path) != nil {
			return errToken
		}
		return nil
	}, nil
}

// forget removes the tokens that meet a condition, and answers how many.
func (a *Authority) forget(which func(g *grant) bool) (n int, err error) {
	files, err := filepath.Glob(filepath.Join(a.dir, tokenFolder, "*.json"))
	for _, path := range files {
		var g grant
		if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &g) != nil || !which(&g) {
			continue
		}
		switch failed := private.Remove(path); {
		case failed == nil:
			n++
		case !errors.Is(failed, fs.ErrNotExist): // it was not used meanwhile
			err = errors.Join(err, failed)
		}
	}
	return n, err
}
