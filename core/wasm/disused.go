package wasm

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/private"
)

// Each version of Weir has a folder of entries, which no other uses. It is removed once
// no process has begun with it, or written there, for disusedFor, and none has it open.
const (
	disusedFor = 30 * 24 * time.Hour
	mostAtOnce = 8 // folders, at one start
	mostTries  = 20
)

// versionFolder is what openCache calls a folder: a compiler and a meter. Nothing else is
// looked at, since the folder above may hold more than the cache.
var versionFolder = regexp.MustCompile(`^(v[0-9]|built-|tested-v[0-9])[0-9A-Za-z.+-]*-[0-9a-f]{16}$`)

// leaving begins the name of a folder that is being removed. It stays until that is done.
const leaving = "removing-"

// useCache is openCache, and tells others that the folder is in use until leave is called.
// Beside what follows it removes what nobody uses any more.
func useCache(dir string, log *slog.Logger) (entries string, leave func(), err error) {
	unlock, gone := func() {}, true
	for try := 0; gone && try < mostTries; try++ { // somebody may remove it just then
		time.Sleep(time.Duration(try) * time.Millisecond)
		var unlocked error
		if entries, err = openCache(dir); err == nil {
			unlock, unlocked = private.Share(entries)
		}
		met := errors.Join(err, unlocked)
		gone = errors.Is(met, fs.ErrNotExist) || errors.Is(met, fs.ErrExist) // that is what making one says then
	}
	if err != nil {
		return "", nil, err
	}
	now := time.Now()
	_ = os.Chtimes(entries, now, now) // where this fails it goes earlier
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if unlock == nil {
			return // where nobody can lock, nobody removes
		}
		if n := removeDisused(ctx, entries, now); n > 0 {
			log.Info("removed what other versions had compiled and nobody has used for 30 days", "dir", filepath.Dir(entries), "folders", n)
		}
	}()
	return entries, func() {
		cancel()
		<-done
		if unlock != nil {
			unlock()
		}
	}, nil
}

// removeDisused removes folders beside that of our entries, and answers how many.
func removeDisused(ctx context.Context, own string, now time.Time) (n int) {
	cache := filepath.Dir(own)
	all, _ := os.ReadDir(cache)
	for _, d := range all {
		path := filepath.Join(cache, d.Name())
		switch {
		case ctx.Err() != nil || n == mostAtOnce:
			return n
		case !d.IsDir() || path == own:
			continue
		case strings.HasPrefix(d.Name(), leaving): // whoever began that has died, or is at it too
		case versionFolder.MatchString(d.Name()) && disused(path, now):
			away := filepath.Join(cache, leaving+d.Name())
			if !moveAway(path, away, now) {
				continue
			}
			path = away
		default:
			continue
		}
		if removeAll(ctx, path) == nil {
			n++
		}
	}
	return n
}

// disused says whether nothing was done with a folder for long.
func disused(path string, now time.Time) bool {
	info, err := os.Stat(path)
	return err == nil && now.Sub(info.ModTime()) > disusedFor
}

// moveAway takes a folder's name from it, unless somebody uses it: whoever begins to has
// to make another.
func moveAway(path, to string, now time.Time) bool {
	unlock, ok := private.TryLock(path)
	if !ok {
		return false
	}
	defer unlock()
	return disused(path, now) && os.Rename(path, to) == nil
}

// removeAll removes a folder, entry by entry.
func removeAll(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(dir)
}
